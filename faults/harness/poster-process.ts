// The process of the clients of durable rooms: bundled with the library, and started by `posters.ts`.
import { obeyOrders } from "@partyflare/harness/orders";
import { Timeline } from "./delivery-model.ts";
import { Poster } from "./poster.ts";
import type { DurablePlace, PosterCommand } from "./poster-messages.ts";

/** Of each room, the one that all its clients have to agree on. */
const timelines = new Map<string, Timeline>();
const posters = new Map<string, { poster: Poster; place: DurablePlace }>();

// Clients need not know what time it is.
const realTime = Date.now;
const shiftMs = Number(process.env["CLOCK_SHIFT_MS"] ?? 0);
Date.now = () => realTime() + shiftMs;

obeyOrders(obey);

function obey(command: PosterCommand): unknown {
  switch (command.kind) {
    case "open":
      for (const spec of command.specs) {
        posters.set(spec.name, { poster: new Poster(spec, timelineOf(spec)), place: spec });
      }
      return undefined;
    case "post":
      for (const name of command.names) void posterOf(name).post(command.posting);
      return undefined;
    case "summaries":
      return command.names.map((name) => posterOf(name).summary);
    case "records":
      return command.names.map((name) => posterOf(name).record);
    case "timeline":
      return timelineOf(command.place).events;
    case "fork":
      return fork(command.place, command.after);
    case "close":
      for (const name of command.names) {
        posterOf(name).close();
        posters.delete(name);
      }
      return undefined;
    default:
      return command satisfies never;
  }
}

function fork(place: DurablePlace, after: number): void {
  const here = [...posters.values()].filter((other) => keyOf(other.place) === keyOf(place));
  for (const { poster } of here) poster.view.fork(after);
  const lost = timelineOf(place).fork(after);
  for (const { poster } of here) {
    const mine = `${poster.record.id}/`;
    poster.forget(
      lost
        .filter((event) => event.startsWith(mine))
        .map((event) => Number(event.slice(mine.length))),
    );
  }
}

function timelineOf(place: DurablePlace): Timeline {
  const key = keyOf(place);
  const timeline = timelines.get(key) ?? new Timeline();
  timelines.set(key, timeline);
  return timeline;
}

function keyOf({ party, room }: DurablePlace): string {
  return `${party}/${room}`;
}

function posterOf(name: string): Poster {
  const found = posters.get(name);
  if (!found) throw new Error(`There is no client "${name}".`);
  return found.poster;
}
