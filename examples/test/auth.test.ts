import { connect, type ConnectOptions, type Room, type RoomStatus } from "@partyflare/client";
import { SignJWT } from "jose";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { lounge } from "../auth/contract";
import { signToken } from "../auth/tokens";
import { ROOT } from "./documents";
import { type RunningWorker, startWorker } from "./worker-process";

const CONFIG = join(ROOT, "examples/auth/wrangler.jsonc");

/** The example's signing key on this machine. */
const [, SECRET = ""] = /"TOKEN_SECRET": "(.+)"/.exec(readFileSync(CONFIG, "utf8")) ?? [];

const PASSWORD = "open sesame";

let worker: RunningWorker;

beforeAll(async () => {
  worker = await startWorker(CONFIG);
});
afterAll(() => worker[Symbol.asyncDispose]());

describe("who gets into the auth example", () => {
  it("is whoever has a token, under the name that it was given to", async () => {
    const room = enter(() => login("Ada", PASSWORD).then((answer) => answer.text()));
    const { name, untilMs } = await room.call("whoAmI");
    expect(name).toBe("Ada");
    expect(untilMs).toBeGreaterThan(Date.now());
    room.close();
  });

  it("is nobody whose password is wrong, and who has no token", async () => {
    expect((await login("Ada", "open barley")).status).toBe(401);
    expect(await refusalOf(enter(undefined))).toMatchObject({
      code: "unauthorized",
      data: { closeCode: 4401 },
    });
  });

  const claims = { name: "Ada", iss: "partyflare-example-auth", aud: "lounge" };

  it.each([
    ["has ended", () => signToken("Ada", -1, SECRET)],
    ["was signed by somebody else", () => signToken("Ada", 60, `${SECRET}!`)],
    ["is for another audience", () => sign({ ...claims, aud: "kitchen", exp: 9e9 })],
    ["never ends", () => sign(claims)],
    ["names nobody", () => sign({ ...claims, name: undefined, exp: 9e9 })],
    ["was signed by nobody", unsigned],
    ["is none at all", () => "let me in"],
  ])("is nobody whose token %s", async (_what, token) => {
    expect(await refusalOf(enter(await token()))).toMatchObject({ code: "unauthorized" });
  });

  function unsigned(): string {
    const part = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64url");
    return `${part({ alg: "none" })}.${part({ ...claims, exp: 9e9 })}.`;
  }
});

describe("a token that ends", () => {
  it("ends the connection with 4401, and the client comes back with a fresh one", async () => {
    let lifetimeSeconds = 3;
    const room = enter(() => signToken("Ada", lifetimeSeconds, SECRET));
    const first = await room.call("whoAmI");
    lifetimeSeconds = 60;
    const seen: RoomStatus[] = [];
    const back = new Promise<void>((resolve) => {
      room.onStatus((status) => {
        seen.push(status);
        if (status.state === "open") resolve();
      });
    });
    // The room has no timer for the expiry. It checks the expiry when the connection is used.
    const use = async () => {
      await room.call("whoAmI").catch(() => {});
      expect(seen).not.toEqual([]);
    };
    await vi.waitFor(use, { timeout: 60_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(first.untilMs);
    await back;
    expect(seen[0]).toMatchObject({
      state: "waiting",
      error: { code: "unauthorized", data: { closeCode: 4401 } },
    });
    expect(seen.map(({ state }) => state)).toEqual(["waiting", "connecting", "open"]);
    expect((await room.call("whoAmI")).untilMs).toBeGreaterThan(first.untilMs + 30_000);
    room.close();
  });

  it("is final where the fresh one is not taken either", async () => {
    let asked = 0;
    const room = enter(() => {
      asked += 1;
      return signToken("Ada", -1, SECRET);
    });
    expect(await refusalOf(room)).toMatchObject({ code: "unauthorized" });
    expect(asked).toBe(2);
  });
});

/** Logs in as the example's page does. */
function login(name: string, password: string): Promise<Response> {
  const body = new URLSearchParams({ name, password });
  return fetch(new URL("/token", worker.url), { method: "POST", body });
}

/** Connects to a new room. */
function enter(token: ConnectOptions["token"]): Room<typeof lounge> {
  const room = crypto.randomUUID();
  return connect<typeof lounge>({ host: worker.url.host, party: "lounge", room, token });
}

/** Returns the error of a room's final close. */
async function refusalOf(room: Room<typeof lounge>) {
  return new Promise((resolve) => {
    room.onStatus((status) => {
      if (status.state === "closed") resolve(status.error);
    });
  });
}

/** Signs any payload as the example does. */
function sign(payload: Record<string, unknown>): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET));
}
