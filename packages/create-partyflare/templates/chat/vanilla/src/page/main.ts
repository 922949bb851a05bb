import "./base.css";
import "./chat.css";
import { browserKey, connect, presence } from "@partyflare/client";
// Only types: the page's bundle has neither the contract nor zod.
import type { chat } from "../worker/contract";
import { find, take } from "./find";
import { keepName, ownName } from "./own-name";
import { describe, roomName } from "./room";

const lines = find("#lines", HTMLElement);
const people = find("#people", HTMLElement);
const problem = find("#problem", HTMLElement);
const say = find("#say", HTMLFormElement);
const rename = find("#rename", HTMLFormElement);

const room = connect<typeof chat>({
  party: "chat",
  room: roomName,
  // One person in all tabs of this browser.
  key: browserKey(),
  query: () => ({ name: ownName() }),
});
const here = presence(room);

find("#title", HTMLElement).textContent = roomName;
room.onStatus((status) => {
  find("#status", HTMLElement).textContent = describe(status);
});
here.subscribe(() => {
  people.textContent = `Here: ${here.members.map(({ info }) => info.name).join(", ")}`;
});

room.on("said", ({ by, text }) => {
  const line = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = by;
  line.append(name, ` ${text}`);
  lines.append(line);
  line.scrollIntoView();
});
room.onRecovery(({ recovered }) => {
  // This page was away for longer than the room keeps lines.
  if (!recovered) location.reload();
});

say.addEventListener("submit", (event) => {
  event.preventDefault();
  show(room.call("say", { text: take(say, "text") }));
});
rename.addEventListener("submit", (event) => {
  event.preventDefault();
  show(room.call("rename", { name: take(rename, "text") }).then(({ name }) => keepName(name)));
});

/** Shows why the room has refused something. */
function show(answer: Promise<void>) {
  problem.textContent = "";
  answer.catch((error: Error) => {
    problem.textContent = error.message;
  });
}
