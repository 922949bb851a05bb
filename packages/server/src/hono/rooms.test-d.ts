/** How the options of `rooms` follow an app's types. Checked by `tsc`. */
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { Party } from "../index";
import { rooms, type RoomHook, type RoomsOptions } from "./rooms";

class Chat extends Party {}

interface AppEnv {
  Bindings: { CHAT: DurableObjectNamespace<Chat>; ANY: DurableObjectNamespace; TOKEN: string };
  Variables: { user: { name: string } };
}

// With the app's types, hooks know its bindings and variables.
export const app = new Hono<AppEnv>()
  .use(secureHeaders())
  .use(
    rooms<AppEnv>({
      parties: ["CHAT", "ANY"],
      onBeforeConnect(request, { room }, c) {
        c.env.TOKEN satisfies string;
        c.var.user.name satisfies string;
        c.get("user").name satisfies string;
        // @ts-expect-error -- no binding of the app
        void c.env.NOBODY;
        if (room === "secret") return c.text("no", 403);
        return new Request(request, { headers: { "X-User": c.var.user.name } });
      },
    }),
  )
  .use(
    "/more/*",
    rooms<AppEnv>((c) => ({ parties: { talk: c.env.ANY }, allowedOrigins: [c.env.TOKEN] })),
  );

// Without them it takes any name, and hooks know nothing of the app.
export const chained = new Hono<AppEnv>()
  .use(
    rooms({
      parties: ["Chat"],
      // @ts-expect-error -- the types of the app are missing
      onBeforeConnect: (_request, _address, c) => void c.env.TOKEN,
    }),
  )
  .get("/", (c) => c.text(c.env.TOKEN satisfies string));

// Hono's `use` passes its types to no call in its arguments. A context that is annotated does.
export const annotated = new Hono<AppEnv>()
  .use(
    rooms({
      parties: ["CHAT"],
      onBeforeConnect(_request, _address, c: Context<AppEnv>) {
        c.env.TOKEN satisfies string;
        c.var.user.name satisfies string;
      },
    }),
  )
  .use(
    rooms({
      // @ts-expect-error -- no binding of the app
      parties: ["NOBODY"],
      onBeforeConnect: (_request, _address, c: Context<AppEnv>) => void c.env.TOKEN,
    }),
  )
  .use(
    rooms((c: Context<AppEnv>) => ({
      parties: { talk: c.env.ANY },
      allowedOrigins: [c.env.TOKEN],
      onBeforeRequest: (_request, _address, { var: { user } }) => void (user.name satisfies string),
    })),
  )
  .get("/", (c) => c.text(c.env.TOKEN satisfies string));

// @ts-expect-error -- a binding that is no Durable Object
export const noParty: RoomsOptions<AppEnv> = { parties: ["TOKEN"] };

// @ts-expect-error -- no binding
export const noBinding: RoomsOptions<AppEnv> = { parties: ["Chat"] };

// @ts-expect-error -- not one of the options
export const noOption: RoomsOptions<AppEnv> = { party: "chat" };

// @ts-expect-error -- a promise of options, which would be ignored
export const noPromise = rooms<AppEnv>(async () => ({ parties: ["CHAT"] as const }));

// @ts-expect-error -- not one of the answers of a hook
export const noAnswer: RoomHook<AppEnv> = () => "no";

// Without types, any name will do.
export const untyped = new Hono().use(rooms({ parties: ["Chat"], prefix: "rooms" }));

/** A hook of an app's own, of which it knows the context. */
export const hook: RoomHook<AppEnv> = async (_request, { party, room }, c) => {
  c satisfies Context<AppEnv>;
  (party + room) satisfies string;
  if (c.var.user.name === "") return new Response("no", { status: 401 });
};
export const withHook = new Hono<AppEnv>().use(rooms<AppEnv>({ onBeforeRequest: hook }));
