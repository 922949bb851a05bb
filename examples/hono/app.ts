import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { etag } from "hono/etag";
import { logger } from "hono/logger";
import { secureHeaders } from "hono/secure-headers";
import { Party, PartyError } from "partyflare";
import { rooms } from "partyflare/hono";
import { board } from "./contract";

interface AppEnv {
  Bindings: { Board: DurableObjectNamespace<Board>; SESSION_SECRET: string };
  Variables: { user: string | undefined };
}

/** The header in which the app tells a room the user. A hook sets it on each request. */
const USER = "X-User";

/** A notice board. It hibernates while nobody pins anything. */
export class Board extends Party.for(board)<AppEnv["Bindings"]> {
  static options = { hibernate: true };

  readonly on = this.handle({ pin: ({ state }, { text }) => this.pin(state.user, text) });

  authorize({ headers }: Request) {
    const user = headers.get(USER);
    if (!user) throw new PartyError("unauthorized");
    return { user };
  }

  onRequest() {
    return Response.json({ here: this.getConnections().map(({ state }) => state.user) });
  }

  pin(by: string, text: string) {
    this.emit("pinned", { by, text });
  }
}

const app = new Hono<AppEnv>();

app.use(logger(), secureHeaders(), etag());

app.use(async (c, next) => {
  const user = await getSignedCookie(c, c.env.SESSION_SECRET, "user");
  c.set("user", user || undefined);
  await next();
});

app.use(
  rooms<AppEnv>({
    parties: ["Board"],
    onBeforeConnect(request, _address, c) {
      if (!c.var.user) return c.text("Log in first.", 401);
      const headers = new Headers(request.headers);
      headers.set(USER, c.var.user);
      return new Request(request, { headers });
    },
    onBeforeRequest: (_request, _address, c) => (c.var.user ? undefined : c.text("Log in.", 401)),
  }),
);

app.post("/login", async (c) => {
  // An example: a real app would ask for a password.
  const name = (await c.req.text()).trim().slice(0, 40);
  if (!/^\w+$/.test(name)) return c.text("A name has letters and digits.", 400);
  await setSignedCookie(c, "user", name, c.env.SESSION_SECRET, { httpOnly: true, sameSite: "Lax" });
  return c.body(null, 204);
});

app.post("/api/boards/:board", async (c) => {
  if (!c.var.user) return c.text("Log in first.", 401);
  const text = (await c.req.text()).trim().slice(0, 500);
  await Party.withRoom(c.env.Board, c.req.param("board")).pin(c.var.user, text);
  return c.json({ isPinned: true });
});

export default app;
