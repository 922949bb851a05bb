import { env } from "cloudflare:workers";
import { expect, it, describe, vi, onTestFinished } from "vitest";
import { scripts } from "../../test/parties";
import { TestSocket } from "../../test/test-socket";
import { Party, PartyError } from "../index";
import type { FetchRoomOptions } from "./fetch-room";
import { fetchWithRetry } from "./retry";

/** A room of its own that notes whether it was ever woken. */
function room(answer: () => Response = () => new Response("from the room")) {
  const name = `room-${crypto.randomUUID()}`;
  const woken = vi.fn();
  scripts.set(name, { onStart: woken, onRequest: answer });
  const ask = async (
    headers: Record<string, string>,
    options: FetchRoomOptions = {},
    {
      host = "https://example.com",
      query = "",
      ...init
    }: RequestInit & { host?: string; query?: string } = {},
  ) => {
    const url = `${host}/parties/hibernating/${name}${query}`;
    const response = await Party.fetchRoomForRequest(
      new Request(url, { headers, ...init }),
      env,
      options,
    );
    if (!response) throw new Error("The URL was no party's.");
    return response;
  };
  const upgrade = (
    headers: Record<string, string>,
    ...rest: [FetchRoomOptions?, { host?: string; query?: string }?]
  ) => ask({ Upgrade: "websocket", ...headers }, ...rest);
  return { name, woken, ask, upgrade };
}

async function closeOf(response: Response) {
  return new TestSocket(response.webSocket as WebSocket, async () => {}).closed();
}

function silenceLog() {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  return log;
}

const RAW = { "Sec-WebSocket-Protocol": "partyflare.raw" };

describe("a page of another host", () => {
  it("is refused with a plain 403 before the room wakes, and the log says which option to set", async () => {
    const log = silenceLog();
    const { upgrade, woken } = room();
    const response = await upgrade({ Origin: "https://evil.example", ...RAW });
    expect([response.status, response.webSocket]).toEqual([403, null]);
    expect(woken).not.toHaveBeenCalled();
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("allowedOrigins"));
  });

  it("is refused the same way whatever else is wrong with its request", async () => {
    silenceLog();
    const headers = { Upgrade: "websocket", Origin: "https://evil.example", ...RAW };
    const request = new Request("https://example.com/parties/hibernating/%zz", { headers });
    const response = await Party.fetchRoomForRequest(request, env);
    expect([response?.status, response?.webSocket]).toEqual([403, null]);
  });

  it("may connect when it is allowed", async () => {
    const { upgrade } = room();
    const options = { allowedOrigins: ["https://app.example"] };
    expect((await upgrade({ Origin: "https://app.example" }, options)).status).toBe(101);
  });

  it("is not asked about where there is none: that is no browser", async () => {
    expect((await room().upgrade({})).status).toBe(101);
  });

  it("is no concern of plain requests, whose answers it cannot read", async () => {
    const { ask } = room();
    const response = await ask({ Origin: "https://evil.example" });
    expect(await response.text()).toBe("from the room");
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });
});

describe("cors", () => {
  const Origin = "https://app.example";

  it("true lets any page read, and never with credentials", async () => {
    const { headers } = await room().ask({ Origin }, { cors: true });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  it("with a list reflects a listed origin, with credentials if asked to, and varies by it", async () => {
    const { ask } = room(() => new Response("x", { headers: { Vary: "Accept" } }));
    const cors = { origins: ["app.example"], credentials: true };
    const { headers } = await ask({ Origin }, { cors });
    expect(headers.get("Access-Control-Allow-Origin")).toBe(Origin);
    expect(headers.get("Access-Control-Allow-Credentials")).toBe("true");
    expect(headers.get("Vary")).toBe("Accept, Origin");
    const other = await ask({ Origin: "https://evil.example" }, { cors });
    expect(other.headers.has("Access-Control-Allow-Origin")).toBe(false);
    expect(other.headers.get("Vary")).toContain("Origin");
  });

  it("answers a preflight without waking the room", async () => {
    const { ask, woken } = room();
    const asked = {
      Origin,
      "Access-Control-Request-Method": "PUT",
      "Access-Control-Request-Headers": "x-one, x-two",
    };
    const { status, headers } = await ask(asked, { cors: true }, { method: "OPTIONS" });
    expect(status).toBe(204);
    expect(headers.get("Access-Control-Allow-Methods")).toContain("PUT");
    expect(headers.get("Access-Control-Allow-Headers")).toBe("x-one, x-two");
    expect(headers.get("Access-Control-Max-Age")).toBe("86400");
    expect(woken).not.toHaveBeenCalled();
  });

  describe.each([
    ["cors: true", true, "*"],
    ["a list", { origins: [Origin], credentials: true }, Origin],
  ])("with %s", (_title, cors, allowed) => {
    const allows = (response: Response) => response.headers.get("Access-Control-Allow-Origin");
    /** A room that cannot be, asked by a page. */
    const askIllegal = (init?: RequestInit) => {
      const headers = { Origin, "Access-Control-Request-Method": "PUT" };
      const request = new Request("https://example.com/parties/hibernating/%zz", {
        headers,
        ...init,
      });
      return Party.fetchRoomForRequest(request, env, { cors }) as Promise<Response>;
    };

    it("lets a page read why its room's name is illegal, after a preflight too", async () => {
      const response = await askIllegal();
      expect([response.status, allows(response)]).toEqual([400, allowed]);
      const preflight = await askIllegal({ method: "OPTIONS" });
      expect([preflight.status, allows(preflight)]).toEqual([204, allowed]);
      expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PUT");
    });

    it("lets it read that the URL is too long", async () => {
      const query = `?${"x".repeat(5_000)}`;
      const response = await room().ask({ Origin }, { cors }, { query });
      expect([response.status, allows(response)]).toEqual([414, allowed]);
    });

    it("lets it read what a hook or the room answers, and that either failed", async () => {
      silenceLog();
      const failing = () => {
        throw new Error("secret");
      };
      const answers = await Promise.all([
        room().ask({ Origin }, { cors, onBeforeRequest: () => new Response("", { status: 403 }) }),
        room().ask({ Origin }, { cors, onBeforeRequest: failing }),
        room(failing).ask({ Origin }, { cors }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([403, 500, 500]);
      expect(answers.map(allows)).toEqual(Array(3).fill(allowed));
    });
  });

  it("with credentials for everyone is a mistake that is named", async () => {
    await expect(room().ask({ Origin }, { cors: { credentials: true } })).rejects.toThrow(
      "cors.credentials needs a list",
    );
  });
});

describe("onBeforeConnect", () => {
  it("is told the party and the room, and not of plain requests", async () => {
    const { name, ask, upgrade } = room();
    const onBeforeConnect = vi.fn();
    await upgrade({}, { onBeforeConnect });
    await ask({}, { onBeforeConnect });
    expect(onBeforeConnect).toHaveBeenCalledExactlyOnceWith(expect.any(Request), {
      party: "hibernating",
      room: name,
    });
  });

  it.each([
    [401, 4401, "unauthorized"],
    [403, 4403, "forbidden"],
    [404, 4404, "not_found"],
    [429, 4429, "rate_limited"],
    [503, 4503, "room_full"],
    [418, 4400, "invalid"],
  ])(
    "that answers %i tells our clients %i, all others the answer itself",
    async (status, code, reason) => {
      const { upgrade, woken } = room();
      const onBeforeConnect = async () => new Response("no", { status });
      expect(await closeOf(await upgrade(RAW, { onBeforeConnect }))).toEqual({ code, reason });
      const plain = await upgrade({}, { onBeforeConnect });
      expect([plain.status, await plain.text()]).toEqual([status, "no"]);
      expect(woken).not.toHaveBeenCalled();
    },
  );

  it("may go on with another request", async () => {
    const { name, upgrade } = room();
    let seen: string | null = null;
    scripts.set(name, {
      authorize: (_party, { headers }) => {
        seen = headers.get("X-User");
      },
    });
    const onBeforeConnect = (request: Request) => {
      const headers = new Headers(request.headers);
      headers.set("X-User", "ada");
      return new Request(request, { headers });
    };
    const { webSocket } = await upgrade({}, { onBeforeConnect });
    webSocket?.accept();
    webSocket?.close();
    expect(seen).toBe("ada");
  });

  it("that fails refuses, without its reason", async () => {
    const log = silenceLog();
    const { upgrade } = room();
    const onBeforeConnect = () => {
      throw new Error("secret");
    };
    const response = await upgrade({}, { onBeforeConnect });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(await closeOf(await upgrade(RAW, { onBeforeConnect }))).toMatchObject({ code: 1011 });
    expect(log).toHaveBeenCalledTimes(2);
  });

  it("refuses with the PartyError it throws", async () => {
    const onBeforeConnect = () => {
      throw new PartyError("unauthorized");
    };
    const response = await room().upgrade(RAW, { onBeforeConnect });
    expect(await closeOf(response)).toEqual({ code: 4401, reason: "unauthorized" });
  });
});

describe("onBeforeRequest", () => {
  it("answers in the room's place, and not for connections", async () => {
    const { ask, upgrade, woken } = room();
    const onBeforeRequest = () => new Response("before", { status: 202 });
    const response = await ask({}, { onBeforeRequest });
    expect([response.status, await response.text()]).toEqual([202, "before"]);
    expect(woken).not.toHaveBeenCalled();
    expect((await upgrade({}, { onBeforeRequest })).status).toBe(101);
  });
});

describe("a URL beyond 4 KiB", () => {
  const query = `?x=${"x".repeat(4_096)}`;

  it("is answered 414, our clients with a final close, and the room is not woken", async () => {
    const { ask, upgrade, woken } = room();
    expect((await ask({}, {}, { query })).status).toBe(414);
    expect((await upgrade({}, {}, { query })).status).toBe(414);
    expect(await closeOf(await upgrade(RAW, {}, { query }))).toMatchObject({ code: 4413 });
    expect(woken).not.toHaveBeenCalled();
  });
});

describe("a room that does not answer", () => {
  /** A stand-in for a stub: the platform's passing faults cannot be made here. */
  function failing(times: number, error: object) {
    const stubs: unknown[] = [];
    const newStub = () => {
      const fetch = vi.fn(async () => {
        if (stubs.length <= times) throw Object.assign(new Error("secret"), error);
        return new Response("answered");
      });
      stubs.push(fetch);
      return { fetch };
    };
    return { newStub: newStub as () => Pick<DurableObjectStub, "fetch">, stubs };
  }
  const get = new Request("https://example.com");
  const options = { firstDelayMs: 1 };

  it("is asked again on a new stub where that may help", async () => {
    const { newStub, stubs } = failing(2, { retryable: true });
    expect(await (await fetchWithRetry(newStub, get, options)).text()).toBe("answered");
    expect(stubs.length).toBe(3);
  });

  it("is given up after as many attempts as asked for", async () => {
    const { newStub, stubs } = failing(9, { retryable: true });
    await expect(fetchWithRetry(newStub, get, { ...options, attempts: 2 })).rejects.toThrow();
    expect(stubs.length).toBe(2);
  });

  it.each([
    ["it is overloaded", get, { retryable: true, overloaded: true }],
    ["the platform does not say that it helps", get, {}],
    [
      "the request may have had its effect",
      new Request(get, { method: "POST" }),
      { retryable: true },
    ],
  ])("is not asked again where %s", async (_why, request, error) => {
    const { newStub, stubs } = failing(9, error);
    await expect(fetchWithRetry(newStub, request, options)).rejects.toThrow();
    expect(stubs.length).toBe(1);
  });
});
