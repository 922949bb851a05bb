import { DOCS_URL, SOURCE_URL } from "../project";
import { Logo } from "./logo";

/** What this page shows, and where to read on. */
export function SiteHeader() {
  return (
    <header className="site-header">
      <Logo />
      <span className="wordmark">partyflare</span>
      <p className="tagline">
        <span>Typed multiplayer rooms on Cloudflare Durable Objects.</span>
        <span className="tagline-more">Nothing lost, nothing doubled.</span>
      </p>
      <nav className="site-links" aria-label="Project">
        <a href={DOCS_URL}>Docs</a>
        <a href={SOURCE_URL}>Source</a>
      </nav>
    </header>
  );
}
