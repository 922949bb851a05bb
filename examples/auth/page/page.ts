import { connect, type RoomStatus } from "@partyflare/client";
import type { lounge } from "../contract";

const login = find("#login", HTMLFormElement);
const say = find("#say", HTMLFormElement);
const status = find("#status", HTMLElement);
const lines = find("#lines", HTMLElement);

const room = connect<typeof lounge>({
  party: "lounge",
  room: "lobby",
  queue: { maxMessages: 10 },
  token: freshToken,
});

room.onStatus((current) => (status.textContent = describe(current)));
room.on("said", ({ by, text }) => lines.append(`${by}: ${text}\n`));

login.addEventListener("submit", (event) => {
  event.preventDefault();
  room.reconnect();
});

say.addEventListener("submit", (event) => {
  event.preventDefault();
  room.emit("say", { text: textOf(say, "text") });
  say.reset();
});

/**
 * Returns a token, or null if the visitor is not logged in; the room then refuses for good. The
 * client calls this before every attempt, and once more when a token has expired.
 */
async function freshToken(): Promise<string | null> {
  const body = new URLSearchParams({
    name: textOf(login, "name"),
    password: textOf(login, "password"),
  });
  const response = await fetch("/token", { method: "POST", body });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The login answers ${response.status}.`);
  return response.text();
}

function describe(current: RoomStatus): string {
  switch (current.state) {
    case "connecting":
      return "Connecting …";
    case "open":
      return "You are in.";
    case "waiting":
      return `Coming back. ${current.error.message}`;
    case "closed":
      return current.error?.code === "unauthorized" ? "Log in." : "Goodbye.";
    default:
      return current satisfies never;
  }
}

function textOf(form: HTMLFormElement, field: string): string {
  const text = new FormData(form).get(field);
  return typeof text === "string" ? text : "";
}

function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}
