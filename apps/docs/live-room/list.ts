import { sharedState } from "@partyflare/client";
import type { Item, Name } from "../names";
import { element } from "./element";
import type { LiveRoom, PaneView } from "./pane";

/** A list to pack, by shared state with optimistic updates. */
export function list(room: LiveRoom, name: Name): PaneView {
  const shared = sharedState(room);
  const boxes = new Map<string, HTMLInputElement>();
  const rows = element("ul", { className: "list" });
  const note = element("p", { className: "note", textContent: "Loading" });

  const toggle = (item: Item, isPacked: boolean) => {
    const call = room.call("pack", { item, isPacked });
    shared
      .optimistic(call, (value) => ({ packed: { ...value.packed, [item]: isPacked } }))
      .catch(() => show());
  };
  const boxOf = (item: Item): HTMLInputElement => {
    const known = boxes.get(item);
    if (known) return known;
    const box = element("input", { type: "checkbox" });
    box.ariaLabel = `${item}, packed by ${name}`;
    box.addEventListener("change", () => toggle(item, box.checked));
    boxes.set(item, box);
    rows.append(
      element("li", {}, element("label", {}, box, element("span", { textContent: item }))),
    );
    return box;
  };
  const show = () => {
    const { value, status, version } = shared;
    const all = Object.entries(value?.packed ?? {}) as [Item, boolean][];
    for (const [item, isPacked] of all) boxOf(item).checked = isPacked;
    const count = all.filter(([, isPacked]) => isPacked).length;
    if (value)
      note.textContent = `${count} of ${all.length} packed · version ${version} · ${status}`;
  };

  shared.subscribe(show);
  return { body: element("div", { className: "packing" }, rows, note), onStatus: show };
}
