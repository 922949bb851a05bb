import * as one from "build:one";
import * as two from "build:two";
import * as unable from "build:unable";
import worker from "../worker/worker.ts";

export * from "../worker/worker.ts";

const BUILDS = { one, two, unable };

let current: (typeof BUILDS)[keyof typeof BUILDS] = one;

/** From the next life of a room on, its class is that of another build. */
export function deploy(build: keyof typeof BUILDS): void {
  current = BUILDS[build];
}

/** The room of the build that is deployed. */
// oxlint-disable-next-line typescript/no-extraneous-class -- the platform constructs it
export class Deployed {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    return new current.Deployed(ctx, env);
  }
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/parties/deployed/")) return worker.fetch(request, env);
    return (
      current.Party.fetchRoomForRequest(request, env, { parties: ["DEPLOYED"] }) ||
      new Response("There is no such party.", { status: 404 })
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
