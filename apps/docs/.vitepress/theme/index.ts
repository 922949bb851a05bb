import "@fontsource-variable/bricolage-grotesque/wght.css";
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
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
} satisfies Theme;
