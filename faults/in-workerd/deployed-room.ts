import {
  type ConnectionContext,
  type ConnectionOf,
  history,
  Party,
  type PartyOptions,
  sharedState,
} from "partyflare";
import { defineContract, type Schema, type } from "@partyflare/shared";
import { z } from "zod";

/** What a room shares, on both builds. */
const notes = z.record(z.string(), z.number());

/** The second build has one more key. */
const SHARED = {
  1: z.object({ notes }),
  2: z.object({ notes, theme: z.string().default("plain") }),
};

/** How often each text was said. */
export interface SharedNotes {
  notes: Record<string, number>;
  theme?: string;
}

const deployed = defineContract({
  fromServer: { said: type<{ text: string }>() },
  calls: {
    say: { input: type<{ text: string }>(), output: type<{ count: number }>(), once: true },
    describe: { output: type<Description>() },
  },
  tags: ["red", "green"],
  state: type<{ visit: string }>(),
  shared: type<SharedNotes>(),
});

type DeployedConnection = ConnectionOf<typeof deployed>;

/** What a connection is to a room. */
export interface Description {
  readonly build: number;
  readonly id: string;
  readonly client: string;
  readonly tags: readonly string[];
  readonly state: { visit: string };
  /** All connections: id and tags, sorted. */
  readonly connections: readonly string[];
  /** What was said, by the room's own table. */
  readonly said: readonly string[];
  /** How often `onConnect` and `onClose` ran, over all builds. */
  readonly connects: number;
  readonly closes: number;
}

/** The second build reads what the first has stored. */
const asItIs = (stored: unknown) => stored as SharedNotes;

/** What two builds of an app differ in. */
interface Build {
  readonly build: 1 | 2;
  readonly keepEvents: number;
  readonly batch: PartyOptions["batch"];
}

/** A party as one build of an app has it. Each build is bundled with a library of its own. */
export function deployedRoom({ build, keepEvents, batch }: Build) {
  const contract = { ...deployed, shared: SHARED[build] as Schema<SharedNotes> };
  return class Deployed extends Party.for(contract) {
    static override options: PartyOptions = { hibernate: true, batch };
    readonly history = this.use(history({ events: ["said"], keepEvents, keepMs: 3_600_000 }));
    readonly notes = this.use(
      sharedState({
        initial: { notes: {} },
        ...(build === 2 && { schemaVersion: 2, migrate: asItIs }),
      }),
    );
    readonly on = this.handle({
      say: (_from, { text }) => {
        this.notes.change((draft) => {
          draft.notes[text] = (draft.notes[text] ?? 0) + 1;
        });
        this.ctx.storage.sql.exec(`INSERT INTO said VALUES (?)`, text);
        this.emit("said", { text });
        return { count: this.#texts("said").length };
      },
      describe: (from) => this.#describe(from),
    });

    override onStart() {
      for (const table of ["said", "connects", "closes"]) {
        this.ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (text TEXT NOT NULL)`);
      }
    }

    override authorize() {
      return { visit: crypto.randomUUID() };
    }

    override getConnectionTags(_: DeployedConnection, { request }: ConnectionContext) {
      return new URL(request.url).searchParams.getAll("tag") as ("red" | "green")[];
    }

    override onConnect({ id }: DeployedConnection) {
      this.ctx.storage.sql.exec(`INSERT INTO connects VALUES (?)`, id);
    }

    override onClose({ id }: DeployedConnection) {
      this.ctx.storage.sql.exec(`INSERT INTO closes VALUES (?)`, id);
    }

    #describe({ id, client, tags, state }: DeployedConnection): Description {
      return {
        build,
        id,
        client,
        tags,
        state,
        connections: this.getConnections()
          .map((each) => `${each.id} ${each.tags.join()}`)
          .toSorted(),
        said: this.#texts("said"),
        connects: this.#texts("connects").length,
        closes: this.#texts("closes").length,
      };
    }

    #texts(table: string): string[] {
      const rows = this.ctx.storage.sql.exec<{ text: string }>(`SELECT text FROM ${table}`);
      return rows.toArray().map(({ text }) => text);
    }
  };
}
