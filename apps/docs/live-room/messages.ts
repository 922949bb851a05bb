import { randomKey } from "@partyflare/client";
import type { Name } from "../names";
import { element } from "./element";
import type { LiveRoom, PaneView } from "./pane";

/** What a visitor may say without thinking of something. */
const SUGGESTIONS: Readonly<Record<Name, readonly string[]>> = {
  Ada: ["Soup or pizza?", "I’ll order at noon.", "Window table, please."],
  Grace: ["Pizza!", "7 to 3 for pizza.", "On my way."],
};

/** A chat: durable events, and a call that happens once. */
export function messages(room: LiveRoom, name: Name): PaneView {
  const log = element("ol", { className: "log" });
  const box = element("div", { className: "log-box", role: "log", tabIndex: 0 }, log);
  box.ariaLabel = `Messages of ${name}`;
  const input = element("input", { type: "text", maxLength: 120, autocomplete: "off" });
  input.ariaLabel = `Message from ${name}`;
  const send = element("button", { type: "submit", textContent: "Send" });
  const form = element("form", {}, input, send);
  let sent = 0;
  const suggest = () => {
    const all = SUGGESTIONS[name];
    input.value = all[sent % all.length] ?? "";
  };

  /** The room's messages, and below them those that the room has not answered yet. */
  const show = (id: string, by: string, text: string): HTMLElement => {
    const line = element("li", {}, element("b", { textContent: by }), " ", text);
    line.dataset.id = id;
    log.append(line);
    box.scrollTop = box.scrollHeight;
    return line;
  };
  const pending = () => [...log.querySelectorAll<HTMLElement>("[data-pending]")];

  room.on("said", ({ id, by, text }) => {
    pending()
      .find(({ dataset }) => dataset.id === id)
      ?.remove();
    show(id, by, text);
    log.append(...pending());
    box.scrollTop = box.scrollHeight;
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return;
    const id = randomKey();
    const line = show(id, name, text);
    line.dataset.pending = "";
    room.call("say", { id, text }).catch(() => line.remove());
    sent += 1;
    suggest();
  });

  suggest();
  return { body: element("div", { className: "messages" }, box, form) };
}
