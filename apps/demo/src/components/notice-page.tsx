import { type ReactNode, useEffect } from "react";
import { DEFAULT_ROOM } from "../route";
import { RoomLink } from "./room-link";
import { SiteHeader } from "./site-header";

/** A page that is no room, and says why. */
export function NoticePage({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · partyflare`;
  }, [title]);

  return (
    <>
      <SiteHeader />
      <main className="notice-page">
        <h1>{title}</h1>
        <p>{children}</p>
        <p>
          Go to <RoomLink room={DEFAULT_ROOM} />
        </p>
      </main>
    </>
  );
}
