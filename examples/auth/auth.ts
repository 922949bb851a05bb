import { type ConnectionOf, type Credential, Party, PartyError } from "partyflare";
import { lounge } from "./contract";
import { signToken, verifyToken } from "./tokens";

interface Env {
  Lounge: DurableObjectNamespace<Lounge>;
  /** Signs the tokens. In your app: `npx wrangler secret put TOKEN_SECRET`. */
  TOKEN_SECRET: string;
}

/** Short, because a token cannot be revoked. The client fetches the next one by itself. */
const TOKEN_SECONDS = 60;

/** A room for clients with a token. A connection ends when its token expires. */
export class Lounge extends Party.for(lounge)<Env> {
  static options = { hibernate: true };

  readonly on = this.handle({
    say: (from, { text }) => this.emit("said", { by: from.state.name, text }),
    whoAmI: ({ state: { name, exp } }) => ({ name, untilMs: exp * 1_000 }),
  });

  async authorize(_request: Request, { token }: Credential) {
    if (token === undefined) throw new PartyError("unauthorized");
    try {
      return await verifyToken(token, this.env.TOKEN_SECRET);
    } catch (cause) {
      // Forged, expired, or for another audience. The client must not learn which.
      throw new PartyError("unauthorized", { cause });
    }
  }

  onConnect(connection: ConnectionOf<typeof lounge>) {
    connection.expireAt(connection.state.exp * 1_000);
  }
}

/** Replace this with your own login. Everybody who knows the password may take any name. */
async function giveToken(request: Request, env: Env): Promise<Response> {
  const login = new URLSearchParams(await request.text());
  const name = login.get("name");
  if (!name || login.get("password") !== "open sesame") {
    return new Response("Wrong name or password.", { status: 401 });
  }
  return new Response(await signToken(name, TOKEN_SECONDS, env.TOKEN_SECRET), {
    headers: { "Cache-Control": "no-store" },
  });
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/token") return giveToken(request, env);
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Lounge"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
