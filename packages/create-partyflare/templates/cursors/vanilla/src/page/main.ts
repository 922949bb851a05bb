import "./base.css";
import "./cursors.css";
import { browserKey, connect, presence } from "@partyflare/client";
// Only types: the page's bundle has neither the contract nor zod.
import type { cursors } from "../worker/contract";
import { find } from "./find";
import { placeOf } from "./place";
import { describe, roomName } from "./room";

const board = find("#board", HTMLElement);
const hint = find("#hint", HTMLElement);
const status = find("#status", HTMLElement);

/** The pointers on the board, by their people. */
const pointers = new Map<string, HTMLElement>();

const room = connect<typeof cursors>({
  party: "cursors",
  room: roomName,
  // One person in all tabs of this browser.
  key: browserKey(),
});
const here = presence(room, { initial: { cursor: null } });

find("#title", HTMLElement).textContent = roomName;
board.addEventListener("pointermove", (event) => here.set({ cursor: placeOf(event, board) }));
board.addEventListener("pointerleave", () => here.set({ cursor: null }));
room.onStatus(show);
here.subscribe(show);

function show() {
  status.textContent = `${describe(room.status)}, ${here.size} here`;
  const name = here.me?.info.name ?? "not here yet";
  hint.textContent = `You are ${name}. Open a second browser, and move here.`;
  const shown = new Set<string>();
  for (const { key, info, presence } of here.others) {
    if (!presence?.cursor) continue;
    const { style } = pointerOf(key, info.name);
    style.setProperty("--x", String(presence.cursor.x));
    style.setProperty("--y", String(presence.cursor.y));
    style.setProperty("--hue", String(info.hue));
    shown.add(key);
  }
  for (const [key, pointer] of pointers) {
    if (shown.has(key)) continue;
    pointer.remove();
    pointers.delete(key);
  }
}

function pointerOf(key: string, name: string): HTMLElement {
  const known = pointers.get(key);
  if (known) return known;
  const pointer = document.createElement("div");
  const label = document.createElement("span");
  pointer.className = "cursor";
  label.textContent = name;
  pointer.append(label);
  pointers.set(key, pointer);
  board.append(pointer);
  return pointer;
}
