import { contentOf, FRONT_PAGE } from "./pages";

/** The pages with a live room, and what their room shows. */
const LIVE_ROOMS: Readonly<Record<string, string>> = {
  "docs/guide/presence.md": "presence",
  "docs/guide/shared-state.md": "shared-state",
  "docs/guide/delivery.md": "delivery",
};

/** Returns the Markdown of a page as the site renders it: with its live room. */
export function withLiveRoom(source: string, text: string): string {
  const content = contentOf(source, text);
  if (source === FRONT_PAGE) return withHero(content);
  const kind = LIVE_ROOMS[source];
  if (kind === undefined) return content;
  // Below the heading and the first paragraph.
  return content.replace(/^# .+\n\n(?:.+\n)+/, (start) => `${start}\n${liveRoom(kind)}\n`);
}

/** The front page begins with the README's heading and first sentence, beside a live room. */
function withHero(content: string): string {
  const [, title = "", tagline = "", rest = ""] = find(/^# (.+)\n\n(.+)\n([^]*)$/, content);
  const [, what, promise] = find(/^(.+?\.) (.+)$/, tagline);
  const [command] = find(/^npm create .+$/m, rest);
  return `<main class="front vp-doc">
<div class="hero">
<div class="hero-text">
<h1>${title}</h1>
<p class="tagline">${what} <em>${promise}</em></p>
<pre class="hero-command"><code>${command}</code></pre>
<p class="hero-links"><a class="primary" href="/getting-started">Get started</a> <a href="/docs">Read the docs</a></p>
</div>
${liveRoom("delivery")}
</div>
<div class="front-text">

${rest}

</div>
</main>
`;
}

/** @throws Error if the README has lost the part. */
function find(part: RegExp, text: string): RegExpExecArray {
  const found = part.exec(text);
  if (!found) throw new Error(`The front page needs ${part} in ${FRONT_PAGE}.`);
  return found;
}

function liveRoom(kind: string): string {
  return `<live-room kind="${kind}"></live-room>\n`;
}
