import { Party } from "partyflare";
import { Canvas } from "./canvas";
import { Chat } from "./chat";
import { Game } from "./game";
import { Poll } from "./poll";

export { Canvas, Chat, Game, Poll };

/** What wrangler.jsonc binds. */
interface Env {
  Canvas: DurableObjectNamespace<Canvas>;
  Chat: DurableObjectNamespace<Chat>;
  Game: DurableObjectNamespace<Game>;
  Poll: DurableObjectNamespace<Poll>;
}

// oxlint-disable-next-line import/no-default-export -- a Worker is a module's default export.
export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Canvas", "Chat", "Game", "Poll"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
