import { presence } from "@partyflare/client";
import type { Name } from "../names";
import { element } from "./element";
import type { LiveRoom, PaneView } from "./pane";

/** How far an arrow key moves the pointer, as a part of the pane. */
const STEP = 0.05;

const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Who is here, and where each pointer is, by presence. */
export function pointers(room: LiveRoom, name: Name): PaneView {
  const here = presence(room, { initial: { pointer: null } });
  const people = element("ul", { className: "people" });
  people.ariaLabel = `The people that ${name} sees`;
  const area = element("div", { className: "area", tabIndex: 0, role: "group" });
  area.ariaLabel = `${name}’s pointer: move it here, or press arrow keys`;
  const hint = element("p", { className: "hint", textContent: "Move here" });
  const cursors = new Map<string, HTMLElement>();
  area.append(hint);

  const point = (x: number, y: number) => {
    const part = (value: number) => Math.min(1, Math.max(0, value));
    here.set({ pointer: { x: part(x), y: part(y) } });
  };
  const cursorOf = (key: string): HTMLElement => {
    const known = cursors.get(key);
    if (known) return known;
    const cursor = element("div", { className: "cursor" }, element("span", { textContent: key }));
    cursor.dataset.name = key;
    cursors.set(key, cursor);
    area.append(cursor);
    return cursor;
  };
  const show = () => {
    people.replaceChildren(
      ...here.members.map(({ key, info, devices }) => {
        const isAway = devices.length === 0;
        const person = element("li", { textContent: isAway ? `${info.name}, away` : info.name });
        person.dataset.name = key;
        return person;
      }),
    );
    const seen = new Set<string>();
    for (const { key, presence } of here.members) {
      const { x, y } = presence?.pointer ?? {};
      if (x === undefined || y === undefined) continue;
      seen.add(key);
      const { style } = cursorOf(key);
      style.left = `${100 * x}%`;
      style.top = `${100 * y}%`;
    }
    for (const [key, cursor] of cursors) {
      if (!seen.has(key)) cursor.remove();
      if (!seen.has(key)) cursors.delete(key);
    }
    hint.hidden = cursors.size > 0;
  };

  area.addEventListener("pointermove", ({ clientX, clientY }) => {
    const { left, top, width, height } = area.getBoundingClientRect();
    point((clientX - left) / width, (clientY - top) / height);
  });
  area.addEventListener("keydown", (event) => {
    const [dx, dy] = ARROWS[event.key] ?? [];
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    const { x, y } = here.me?.presence?.pointer ?? { x: 0.5, y: 0.5 };
    point(x + dx, y + dy);
  });
  here.subscribe(show);
  return { body: element("div", { className: "pointers" }, area, people), onStatus: show };
}
