import { Party } from "partyflare";
import { Canvas } from "./canvas";
import { Chat } from "./chat";

export { Canvas, Chat };

/** What wrangler.jsonc binds. */
interface Env {
  Canvas: DurableObjectNamespace<Canvas>;
  Chat: DurableObjectNamespace<Chat>;
}

// oxlint-disable-next-line import/no-default-export -- a Worker is a module's default export.
export default {
  fetch(request, env) {
    return (
      Party.fetchRoomForRequest(request, env, { parties: ["Canvas", "Chat"] }) ||
      new Response("Not Found", { status: 404 })
    );
  },
} satisfies ExportedHandler<Env>;
