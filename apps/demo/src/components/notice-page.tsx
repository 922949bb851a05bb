import { type ReactNode, useEffect } from "react";
import { DEFAULT_ROOM } from "../route";
import { Logo } from "./logo";
import { RoomLink } from "./room-link";

/** A page that is no room, and says why. */
export function NoticePage({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · partyflare`;
  }, [title]);

  return (
    <main className="notice-page">
      <Logo />
      <h1>{title}</h1>
      <p>{children}</p>
      <p>
        Go to <RoomLink room={DEFAULT_ROOM} />
      </p>
    </main>
  );
}
