import {
  type Connection,
  getServerByName,
  type Lobby,
  type PartyServerOptions,
  routePartykitRequest,
  Server,
  type WSMessage,
} from "./partyserver";

interface Env {
  Chat: DurableObjectNamespace<Chat>;
  TEXT: string;
}

class Chat extends Server<Env, { secret: string }> {
  static override options = { hibernate: true };

  override onStart(props?: { secret: string }) {
    return void [props?.secret, this.env.TEXT];
  }

  override onMessage(from: Connection<{ said: number }>, message: WSMessage) {
    const state = from.setState((last) => ({ said: (last?.said ?? 0) + 1 }));
    // @ts-expect-error -- a state is read-only
    if (from.state) from.state.said = 2;
    for (const { id, tags, uri } of this.getConnections<{ said: number }>("guest")) {
      this.broadcast(`${id} ${tags.join()} ${uri} ${state?.said} ${String(message)}`, [id]);
    }
    // @ts-expect-error -- a tag is a text
    this.getConnections(["guest"]);
  }

  count(): number {
    return [...this.getConnections()].length;
  }
}

export async function use(request: Request, env: Env): Promise<number> {
  const options: PartyServerOptions<Env, { secret: string }> = {
    props: { secret: "x" },
    onBeforeConnect(_request, { className, name }: Lobby<Env>) {
      const binding: "Chat" | "TEXT" = className;
      return new Response(`${binding} ${name}`);
    },
  };
  await routePartykitRequest(request, env, options);
  await routePartykitRequest<Env, Server<Env>, { secret: string }>(request, env, options);
  // @ts-expect-error -- there is no such option
  await routePartykitRequest(request, env, { prefixes: "x" });
  const chat = await getServerByName(env.Chat, "lobby", { props: { secret: "x" } });
  return chat.count();
}
