import { act, Activity, Component, type ReactNode, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lacks } from "../../test/platform";
import { ScriptedSocket } from "../../test/scripted-socket";
import { turn } from "../../test/scripted";
import { usePartySocket, type UsePartySocketOptions } from "./use-party-socket";
import { useRoom } from "./use-room";
import { useStatus } from "./use-status";

type Options = Partial<UsePartySocketOptions>;

const WHERE = { host: "localhost", party: "chat", room: "lobby", WebSocket: ScriptedSocket };

/** @param each returns the options of a render: a mistake is easily made there. */
function Socket({ each }: { each: () => Options }) {
  return <p>{usePartySocket({ ...WHERE, ...each() }).readyState}</p>;
}

function Room({ each }: { each: () => Options }) {
  return <p>{useStatus(useRoom({ ...WHERE, ...each() })).state}</p>;
}

class Boundary extends Component<{ children: ReactNode; onError: (error: unknown) => void }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown) {
    this.props.onError(error);
  }

  override render() {
    return this.state.hasFailed ? null : this.props.children;
  }
}

let count = 0;
const another = () => `value-${(count += 1)}`;

describe.skipIf(lacks("a document") || typeof document === "undefined").each([
  ["usePartySocket", Socket],
  ["useRoom", Room],
])("%s", (hook, Hook) => {
  let root: Root;
  let errors: unknown[];
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.spyOn(console, "error").mockImplementation(() => {});
    ScriptedSocket.made.length = 0;
    errors = [];
    root = createRoot(document.createElement("div"));
  });
  afterEach(() => {
    act(() => root.unmount());
    // A shared room closes a second later.
    vi.runOnlyPendingTimers();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  const show = (each: () => Options, mode: "hidden" | "visible" = "visible") =>
    act(async () => {
      root.render(
        <Boundary onError={(error) => errors.push(error)}>
          <Activity mode={mode}>
            <Hook each={each} />
          </Activity>
        </Boundary>,
      );
      await turn();
    });

  it.each<[string, () => Options]>([
    ["id", () => ({ id: another() })],
    ["query", () => ({ query: { at: another() } })],
    ["token", () => ({ token: another() })],
    ["identity", () => ({ identity: another(), token: () => "token" })],
    ["room", () => ({ room: another() })],
    ["id", () => ({ id: another(), enabled: false })],
  ])("throws one error that names `%s` if each render has another", async (name, each) => {
    await show(each);
    await show(each);
    const text = `${hook}: \`${name}\` is another in each render.`;
    expect(errors).toEqual([
      expect.objectContaining({ code: "invalid", message: expect.stringContaining(text) }),
    ]);
    expect(ScriptedSocket.made.length).toBeLessThan(3);
  });

  it("takes objects and functions that are new in each render", async () => {
    const each = (): Options => ({
      query: { b: undefined, a: 1 },
      protocols: ["mine"],
      backoff: { maxMs: 5 },
      token: () => "token",
      identity: "ada",
    });
    for (let time = 0; time < 3; time += 1) await show(each);
    await show(() => ({ ...each(), query: { a: "1" } }));
    expect(errors).toEqual([]);
    expect(ScriptedSocket.made).toHaveLength(1);
  });

  it.each(["visible", "hidden"] as const)(
    "takes many addresses of its parent, %s",
    async (mode) => {
      for (let time = 0; time < 30; time += 1) {
        const id = another();
        await show(() => ({ id }), time === 0 ? "visible" : mode);
      }
      // React keeps the error of a hidden render back until it is shown.
      await show(() => ({ id: "last" }));
      expect(errors).toEqual([]);
    },
  );

  it("takes addresses that come to rest within a render", async () => {
    const each = (): Options => {
      // oxlint-disable-next-line react/rules-of-hooks -- the component calls it in each render
      const [step, setStep] = useState(0);
      if (step < 9) setStep(step + 1);
      return { id: `id-${step}` };
    };
    await show(each);
    await show(each);
    expect(errors).toEqual([]);
    expect(ScriptedSocket.made.map(({ url }) => url)).toEqual([expect.stringContaining("id-9")]);
  });
});
