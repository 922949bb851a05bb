import { isRetriedCloseCode, PartySocket } from "@partyflare/client";

const { searchParams } = new URL(location.href);
const status = find("#status", HTMLElement);
const lines = find("#lines", HTMLElement);
const form = find("#say", HTMLFormElement);

const socket = new PartySocket({
  party: "chat",
  room: searchParams.get("room") ?? "lobby",
  query: { name: searchParams.get("name") ?? "Guest" },
});

socket.addEventListener("open", () => {
  // The room sends its history to whoever comes, so a return begins with an empty list.
  lines.replaceChildren();
  status.textContent = `You are in ${socket.room}.`;
});

socket.addEventListener("message", ({ data }) => {
  const line = document.createElement("li");
  line.textContent = typeof data === "string" ? data : "";
  lines.append(line);
});

socket.addEventListener("close", ({ code, reason }) => {
  status.textContent = isRetriedCloseCode(code)
    ? "The connection is lost. Coming back …"
    : `The room said goodbye: ${reason || code}.`;
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = new FormData(form).get("text");
  if (typeof text === "string") socket.send(text);
  form.reset();
});

function find<Found extends Element>(selector: string, kind: new () => Found): Found {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not in the page.`);
  return found;
}
