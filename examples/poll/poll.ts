import {
  type ConnectionOf,
  type Credential,
  Party,
  PartyError,
  type PartyOptions,
} from "partyflare";
import { poll } from "./contract";
import { signUser, verifyUser } from "./users";

interface Env {
  Poll: DurableObjectNamespace<Poll>;
  /** Signs the tokens. In your app: `npx wrangler secret put TOKEN_SECRET`. */
  TOKEN_SECRET: string;
}

type Voter = ConnectionOf<typeof poll>;

/** A poll: each person has one vote, may change it, and sees the results live. */
export class Poll extends Party.for(poll)<Env> {
  // `checkOutgoing` is for development: the room checks what it sends against the contract.
  static options: PartyOptions = { hibernate: true, checkOutgoing: true };

  readonly on = this.handle({
    vote: ({ state: { user } }, { option }) => {
      this.ctx.storage.sql.exec("INSERT OR REPLACE INTO votes VALUES (?, ?)", user, option);
      this.emit("voted", { option }, { tags: [user] });
      this.emit("counted", this.#count(), { latestBy: "counted" });
      return { option };
    },
  });

  onStart() {
    const columns = "user TEXT PRIMARY KEY, option TEXT NOT NULL";
    this.ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS votes (${columns})`);
  }

  async authorize(_request: Request, { token = "" }: Credential) {
    try {
      return { user: await verifyUser(token, this.env.TOKEN_SECRET) };
    } catch (cause) {
      throw new PartyError("unauthorized", { cause });
    }
  }

  /** One tag, the user: it finds all connections of a person. */
  getConnectionTags({ state }: Voter) {
    return [state.user];
  }

  onConnect(connection: Voter) {
    connection.emit("counted", this.#count());
    const query = "SELECT option FROM votes WHERE user = ?";
    const { sql } = this.ctx.storage;
    const [vote] = sql.exec<{ option: string }>(query, connection.state.user);
    if (vote) connection.emit("voted", vote);
  }

  #count() {
    const query = "SELECT option, count(*) AS votes FROM votes GROUP BY option ORDER BY option";
    return this.ctx.storage.sql.exec<{ option: string; votes: number }>(query).toArray();
  }
}

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/token") {
      // Your login belongs here. This one trusts everybody, and must not be deployed.
      return new Response(await signUser(await request.text(), env.TOKEN_SECRET));
    }
    return (
      (await Party.fetchRoomForRequest(request, env, { parties: ["Poll"] })) ??
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
