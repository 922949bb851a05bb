import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { WireShared } from "@partyflare/shared/internal";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Description } from "./deployed-room.ts";
import { PATIENCE } from "./framed-client.ts";
import { deploy } from "./worker.ts";

/** How often one build takes the place of the other. */
const SWAPS = Number(env.FAULTS_COUNT);

type Frame = [string, ...unknown[]];

interface Place {
  epoch: string;
  offset: number;
  tag: string;
  recovered?: boolean;
}

/** A client of a room that is deployed anew beneath it. */
class Page {
  readonly frames: Frame[] = [];
  /** Close codes, of frames and of the socket. */
  readonly closes: number[] = [];
  readonly #socket: WebSocket;
  #calls = 0;
  #once = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener("message", ({ data }) => {
      for (const line of String(data).split("\n")) this.frames.push(JSON.parse(line) as Frame);
    });
    socket.addEventListener("close", ({ code }) => void this.closes.push(code));
  }

  static async open(room: string, id: string, query = ""): Promise<Page> {
    const url = `https://example.com/parties/deployed/${room}?_pk=${id}&partyflare.once=&partyflare.shared=${query}`;
    const protocol = `partyflare.1, partyflare.key.${id}`;
    const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocol };
    const { status, webSocket } = await exports.default.fetch(url, { headers });
    if (!webSocket) throw new Error(`The upgrade was answered with ${status}.`);
    const page = new Page(webSocket);
    await vi.waitFor(() => expect(page.frames[0]?.[0]).toBe("$hello"), PATIENCE);
    return page;
  }

  get hello(): { history: Place; once: { since: string } } {
    return this.frames[0]?.[1] as { history: Place; once: { since: string } };
  }

  /** What was heard, in order. */
  get said(): { text: string; offset: number; tag: string }[] {
    return this.frames
      .filter(([name]) => name === "said")
      .map(([, data, offset, tag]) => {
        return { ...(data as { text: string }), offset: Number(offset), tag: String(tag) };
      });
  }

  /** What the room shares. */
  get shared(): unknown {
    let value: Record<string, Record<string, unknown>> = {};
    for (const [name, payload] of this.frames) {
      const hello = name === "$hello" && (payload as { shared: WireShared }).shared;
      const frame = hello || (name === "$shared" && (payload as WireShared));
      if (!frame) continue;
      if (frame.reset) value = {};
      for (const [key] of frame.gone ?? []) delete value[key];
      for (const [key, entry, inner] of frame.set ?? []) {
        if (inner === undefined) value[key] = entry as Record<string, unknown>;
        else value[key] = { ...value[key], [String(entry)]: inner };
      }
    }
    return value;
  }

  describe(): Promise<Description> {
    return this.#call("describe", null) as Promise<Description>;
  }

  say(text: string): Promise<unknown> {
    this.#once += 1;
    return this.#say(text, this.#once, {});
  }

  /** Sends the last call again, as a client does that did not hear the reply. */
  sayAgain(text: string): Promise<unknown> {
    return this.#say(text, this.#once, { repeat: true });
  }

  close(): void {
    this.#socket.close(1000);
  }

  #say(text: string, number: number, more: object): Promise<unknown> {
    const operation = { page: "page", number, oldest: number, since: this.hello.once.since };
    return this.#call("say", { text }, { ...operation, ...more });
  }

  async #call(name: string, input: unknown, ...operation: object[]): Promise<unknown> {
    const id = (this.#calls += 1);
    this.#socket.send(JSON.stringify(["$call", id, name, input, ...operation]));
    return vi.waitFor(() => {
      const answer = this.frames.find(
        ([kind, call]) => (kind === "$reply" || kind === "$fail") && call === id,
      );
      if (!answer) throw new Error(`${name} has not been answered.`);
      expect(answer[0], JSON.stringify(answer)).toBe("$reply");
      return answer[2];
    }, PATIENCE);
  }
}

/** Deploys a build while a room sleeps, and its connections stay open. */
async function swap(room: string, build: Parameters<typeof deploy>[0]): Promise<void> {
  deploy(build);
  await evictDurableObject(env.DEPLOYED.getByName(room));
}

afterEach(() => deploy("one"));

describe("a room that wakes on another build of the Worker", () => {
  it(`keeps connections, tags, state, tables, results, history and shared state over ${SWAPS} deploys`, async () => {
    const room = crypto.randomUUID();
    const pages = [
      await Page.open(room, "ada", "&tag=red"),
      await Page.open(room, "ben", "&tag=green&tag=red"),
    ] as const;
    const before = [await pages[0].describe(), await pages[1].describe()];
    const texts: string[] = [];
    let away: Place | undefined;
    for (let index = 1; index <= SWAPS; index += 1) {
      const speaker = pages[index % 2] ?? pages[0];
      texts.push(`text ${index}`);
      const reply = await speaker.say(`text ${index}`);
      await swap(room, index % 2 === 1 ? "two" : "one");
      // The reply was lost: the other build knows what came of the call.
      expect(await speaker.sayAgain(`text ${index}`)).toEqual(reply);
      for (const [of, page] of pages.entries()) {
        expect(await page.describe()).toEqual({
          ...before[of],
          build: index % 2 === 1 ? 2 : 1,
          said: texts,
          connects: pages.length + index - 1,
          closes: index - 1,
        });
        const notes = Object.fromEntries(texts.map((text) => [text, 1]));
        // The first build keeps what the second one has stored.
        const shared = { notes, theme: "plain" };
        await vi.waitFor(() => expect(page.shared).toEqual(shared), PATIENCE);
      }
      // A client that left on one build comes back on the other.
      const position = away ? `${away.epoch}.${away.offset}.${away.tag}` : "";
      const guest = await Page.open(room, `guest${index}`, `&partyflare.history=${position}`);
      const missed = texts.slice(away?.offset ?? texts.length);
      await vi.waitFor(() => expect(guest.said.map(({ text }) => text)).toEqual(missed), PATIENCE);
      if (away) expect(guest.hello.history.recovered).toBe(true);
      const { epoch } = guest.hello.history;
      const last = pages[0].said.at(-1) ?? fail();
      away = { epoch, offset: last.offset, tag: last.tag };
      guest.close();
      await vi.waitFor(async () => {
        expect((await pages[0].describe()).connections).toHaveLength(2);
      }, PATIENCE);
    }
    for (const page of pages) {
      const places = texts.map((text, index) => ({ text, offset: index + 1 }));
      await vi.waitFor(() => expect(page.said).toMatchObject(places), PATIENCE);
      expect(page.said).toHaveLength(texts.length);
      expect(page.closes).toEqual([]);
      page.close();
    }
  });

  it("is noticed by this test where the build does not read what the other wrote", async () => {
    const room = crypto.randomUUID();
    const page = await Page.open(room, "ada");
    await swap(room, "unable");
    const guest = await Page.open(room, "ben");
    await guest.describe();
    await vi.waitFor(() => expect(page.closes).toEqual([1011]), PATIENCE);
    guest.close();
  });
});

function fail(): never {
  throw new Error("There is none.");
}
