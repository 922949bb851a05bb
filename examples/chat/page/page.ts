import { connect, type RoomStatus } from "@partyflare/client";
// A type alone: nothing of the contract, nor of its validator, is in the page.
import type { chat, Line } from "../contract";

const { searchParams } = new URL(location.href);
const status = find("#status", HTMLElement);
const here = find("#here", HTMLElement);
const lines = find("#lines", HTMLElement);
const say = find("#say", HTMLFormElement);
const rename = find("#rename", HTMLFormElement);

const room = connect<typeof chat>({
  party: "chat",
  room: searchParams.get("room") ?? "lobby",
  query: { name: searchParams.get("name") ?? "Guest" },
});

room.onStatus((current) => (status.textContent = describe(current)));
room.on("said", (line) => lines.append(item(line)));
room.onRecovery(({ recovered }) => {
  // The client was away for longer than the room keeps lines: begin anew.
  if (!recovered) location.reload();
});
room.on("here", (names) => (here.textContent = `Here: ${names.join(", ")}`));
room.onError((error) => (status.textContent = error.message));

say.addEventListener("submit", (event) => {
  event.preventDefault();
  room.emit("say", { text: textOf(say) });
  say.reset();
});

rename.addEventListener("submit", (event) => {
  event.preventDefault();
  room.call("rename", { name: textOf(rename) }).then(
    ({ name }) => (status.textContent = `You are ${name}.`),
    (error) => {
      const isTaken = error.code === "name_taken";
      status.textContent = isTaken ? `Taken. Try ${error.data.suggestion}.` : error.message;
    },
  );
});

function describe(current: RoomStatus): string {
  switch (current.state) {
    case "connecting":
      return "Connecting …";
    case "open":
      return `You are in ${room.name}.`;
    case "waiting":
      return "The connection is lost. Coming back …";
    case "closed":
      return `The room said goodbye. ${current.error?.message ?? ""}`;
    default:
      return current satisfies never;
  }
}

function item({ by, text }: Line): HTMLLIElement {
  const line = document.createElement("li");
  line.textContent = `${by}: ${text}`;
  return line;
}

function textOf(form: HTMLFormElement): string {
  const text = new FormData(form).get("text");
  return typeof text === "string" ? text : "";
}

function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}
