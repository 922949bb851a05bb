import type { RoomStatus } from "@partyflare/client";
import { useId, useState } from "react";
import { CUT_MS } from "../../limits";
import { wasCutShort } from "../chat/refusal";
import type { Chat } from "../chat/use-chat";
import { type Direction, network, type NetworkState, SLOW_MS, useNetwork } from "../lab/network";
import { type JournalLine, useJournal } from "../lab/use-journal";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

interface ConnectionLabProps {
  chat: Chat;
  /** How many messages of this page the room has not confirmed. */
  pending: number;
  /** Whether it is open at first. */
  startsOpen: boolean;
}

/** Breaks the connection in several ways. It shows that nothing is missed, and nothing arrives twice. */
export function ConnectionLab({ chat, pending, startsOpen }: ConnectionLabProps) {
  const [isOpen, setIsOpen] = useState(startsOpen);
  const { lines, note } = useJournal(chat, pending);
  const state = useNetwork();
  const titleId = useId();
  const bodyId = useId();

  return (
    <section className="lab" aria-labelledby={titleId}>
      <button
        type="button"
        className="lab-toggle"
        aria-expanded={isOpen}
        aria-controls={bodyId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <PlugIcon />
        <span id={titleId} className="lab-title">
          Break the connection
        </span>
        <Chips isLost={isLost(chat)} state={state} />
        <Chevron />
      </button>
      <div id={bodyId} className="lab-body" hidden={!isOpen}>
        <Controls chat={chat} state={state} note={note} />
        <p className="lab-hint">{hintOf(chat.status, state)}</p>
        <Lines lines={lines} />
      </div>
    </section>
  );
}

function isLost({ status: { state } }: Pick<Chat, "status">): boolean {
  return state === "waiting" || state === "closed";
}

interface ChipsProps {
  isLost: boolean;
  state: NetworkState;
}

/** The faults of now, shown while the lab is closed too. */
function Chips({ isLost, state: { isSlow, loses, lost } }: ChipsProps) {
  return (
    <span className="lab-chips">
      {isLost && <span className="lab-chip">no connection</span>}
      {isSlow && <span className="lab-chip">slow</span>}
      {loses && !isLost && <span className="lab-chip">{lost} lost</span>}
    </span>
  );
}

interface ControlsProps {
  chat: Chat;
  state: NetworkState;
  note: (text: string) => void;
}

function Controls({ chat: { room, status }, state: { isSlow, loses }, note }: ControlsProps) {
  const isOpen = status.state === "open";
  const toggleSlow = () => {
    network.setSlow(!isSlow);
    note(
      isSlow ? "The network is fast again." : `Every message takes ${SLOW_MS / 1_000} s longer.`,
    );
  };

  const lose = (direction: Direction) => {
    if (!isOpen || loses) return;
    network.lose(direction);
    note(direction === "sent" ? "What you send is lost." : "What the room sends is lost.");
  };

  const restart = () => {
    if (!isOpen) return;
    note("You asked the room to restart.");
    room.call("restart").catch((error) => wasCutShort(error) || note(error.message));
  };

  return (
    <div className="lab-controls">
      {isLost({ status }) || loses ? (
        <button type="button" className="button" onClick={() => room.reconnect()}>
          Connect now
        </button>
      ) : (
        <button type="button" className="button" onClick={() => room.emit("cut")}>
          Cut it for {CUT_MS / 1_000} s
        </button>
      )}
      <button type="button" className="button" aria-pressed={isSlow} onClick={toggleSlow}>
        Slow it by {SLOW_MS / 1_000} s
      </button>
      {(["sent", "received"] as const).map((direction) => (
        <button
          key={direction}
          type="button"
          className="button"
          aria-pressed={loses === direction}
          aria-disabled={!isOpen || loses !== null}
          onClick={() => lose(direction)}
        >
          {direction === "sent" ? "Lose what I send" : "Lose what I hear"}
        </button>
      ))}
      <button type="button" className="button" aria-disabled={!isOpen} onClick={restart}>
        Restart the room
      </button>
      {loses && (
        <button type="button" className="button" onClick={() => room.probe()}>
          Check now
        </button>
      )}
    </div>
  );
}

/** Newest first. */
function Lines({ lines }: { lines: readonly JournalLine[] }) {
  return (
    <ol className="lab-journal" aria-label="What has become of it" aria-live="polite">
      {lines.map(({ key, atMs, text }) => (
        <li key={key}>
          <time dateTime={new Date(atMs).toISOString()}>{TIME.format(atMs)}</time> {text}
        </li>
      ))}
    </ol>
  );
}

function hintOf(status: RoomStatus, { loses, lost }: NetworkState): string {
  if (status.state === "waiting" && status.error.code === "cut") {
    return "Cut. The page reconnects by itself, and sends what you write meanwhile, once.";
  }
  if (loses) {
    const messages = lost === 1 ? "1 message" : `${lost} messages`;
    return `${messages} lost so far, pings included. The heartbeat pings about every 25 s, and waits 10 s for an answer: anything that arrives.`;
  }
  return "Break it, and write in both tabs. Nothing is missed, and nothing arrives twice.";
}

function PlugIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" fill="none" aria-hidden="true">
      <path
        d="m2.5 17.5 3-3m9-9 3-3M8 8.5 11.5 12M6 10l-1 1a3 3 0 0 0 4 4l1-1m0-8 1-1a3 3 0 0 1 4 4l-1 1"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

function Chevron() {
  return (
    <svg
      className="chevron"
      viewBox="0 0 20 20"
      width="18"
      height="18"
      fill="none"
      aria-hidden="true"
    >
      <path d="m5 7.5 5 5 5-5" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  );
}
