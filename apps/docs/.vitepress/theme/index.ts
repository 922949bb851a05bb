import "@fontsource-variable/bricolage-grotesque/wght.css";
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import { type Theme, useRoute } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { onMounted, watch } from "vue";
import "./tokens.css";
import "./layout.css";
import "./front.css";

// oxlint-disable-next-line import/no-default-export -- VitePress asks for it.
export default {
  extends: DefaultTheme,
  enhanceApp: () => {
    // A custom element needs a browser.
    if (!import.meta.env.SSR) void import("../../live-room/live-room");
  },
  setup: () => {
    const route = useRoute();
    // The sidebar opens the group of the page first.
    const afterRender = () => requestAnimationFrame(showPlace);
    onMounted(afterRender);
    watch(() => route.path, afterRender);
  },
} satisfies Theme;

/** Scrolls the sidebar to the page's own entry: a reader may arrive by an error in the console. */
function showPlace(): void {
  const sidebar = document.querySelector(".VPSidebar");
  const entry = sidebar?.querySelector(".VPSidebarItem.is-link.is-active");
  if (!sidebar || !entry) return;
  const { top, bottom } = entry.getBoundingClientRect();
  if (top > 0 && bottom < innerHeight) return;
  sidebar.scrollTop += top - innerHeight / 2;
}
