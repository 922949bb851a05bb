import { act, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lacks } from "../../test/platform";
import { type board, member, PresenceHost, snapshot } from "../../test/presence-host";
import { forget, rendered, Shown, TestPage } from "../../test/test-page";
import type { Room } from "../room/room";
import { useOthers } from "./use-others";
import { usePresence } from "./use-presence";
import { useRoom } from "./use-room";

type Board = Room<typeof board>;

const FIRST = { cursor: null, typing: false };

function Here({ room }: { room: Board }) {
  const { me, others, members, size, isPartial, set } = usePresence(room, { initial: FIRST });
  const text = [me?.presence?.typing, others.length, members.length, size, isPartial].join(" ");
  return (
    <button onClick={() => set({ typing: true })}>
      <Shown as="here" text={text} />
    </button>
  );
}

function Others({ room }: { room: Board }) {
  const others = useOthers(room);
  return <Shown as="others" text={others.map(({ key }) => key).join()} />;
}

function Names({ room, mark = "" }: { room: Board; mark?: string }) {
  const names = useOthers(room, (others) => others.map(({ info }) => info.name + mark));
  return <Shown as="names" text={names.join()} />;
}

beforeEach(forget);

describe("presence on a server", () => {
  function Page() {
    const room = useRoom<typeof board>({ party: "board", room: "lobby" });
    return (
      <>
        <Here room={room} />
        <Others room={room} />
        <Names room={room} />
      </>
    );
  }

  it("is an empty list", () => {
    const error = vi.spyOn(console, "error");
    expect(renderToString(<Page />)).toBe("<button><p> 0 0 0 false</p></button><p></p><p></p>");
    expect(error).not.toHaveBeenCalled();
  });
});

describe.skipIf(lacks("a document"))("presence in a page", () => {
  let host: PresenceHost;
  let page: TestPage;
  beforeEach(() => {
    page = new TestPage();
    host = new PresenceHost();
  });
  afterEach(() => page.end());

  it("shows the list and its changes, and sets the client's own data", () => {
    page.show(<Here room={host.room} />);
    expect(host.asked[0]).toBe("presence");
    act(() => host.hello({ ...snapshot(member("ada")), size: 7, partial: true }));
    expect(page.text).toEqual(["false 1 2 7 true"]);
    expect(host.sets).toEqual([FIRST]);
    act(() => page.element.querySelector("button")!.click());
    expect(page.text).toEqual(["true 1 2 7 true"]);
    act(() => host.send({ gone: ["ada"], size: 6, partial: false }));
    expect(page.text).toEqual(["true 0 1 6 false"]);
  });

  it("hydrates a page whose list is there already", () => {
    renderToString(<Here room={host.room} />);
    host.hello(snapshot(member("ada")));
    page.show(
      <>
        <Here room={host.room} />
        <Names room={host.room} />
      </>,
    );
    expect(rendered.here?.[0]).toBe(" 0 0 0 false");
    expect(page.text).toEqual(["false 1 2 2 false", "ADA"]);
  });

  it("renders others not for the client's own changes, and a selection only if it has changed", () => {
    page.show(
      <>
        <Here room={host.room} />
        <Others room={host.room} />
        <Names room={host.room} />
      </>,
    );
    act(() => host.hello(snapshot(member("ada"), member("bob"))));
    expect(page.text.slice(1)).toEqual(["ada,bob", "ADA,BOB"]);
    const before = () => [rendered.here!.length, rendered.others!.length, rendered.names!.length];
    let [here, others, names] = before() as [number, number, number];
    act(() => page.element.querySelector("button")!.click());
    expect(before()).toEqual([here + 1, others, names]);
    act(() => host.send({ moved: [["ada", { typing: true }]] }));
    expect(before()).toEqual([here + 2, others + 1, names]);
    [here, others, names] = before() as [number, number, number];
    act(() => host.send({ set: [{ ...member("ada"), info: { name: "Ada" } }], gone: ["bob"] }));
    expect(page.text.slice(1)).toEqual(["ada", "Ada"]);
    expect(before()).toEqual([here + 1, others + 1, names + 1]);
  });

  it("keeps an equal selection, also if the function changes, and takes new props", () => {
    const selections: unknown[] = [];
    function Keys({ mark }: { mark: string }) {
      const select = ({ length }: { length: number }) => ({ length, kind: mark.slice(0, 1) });
      selections.push(useOthers(host.room, (others) => select(others)));
      return <Names room={host.room} mark={mark} />;
    }
    page.show(<Keys mark="" />);
    act(() => host.hello(snapshot(member("ada"))));
    const last = selections.at(-1);
    expect(last).toEqual({ length: 1, kind: "" });
    act(() => page.render(<Keys mark="!" />));
    expect(page.text).toEqual(["ADA!"]);
    const marked = selections.at(-1);
    expect(marked).toEqual({ length: 1, kind: "!" });
    act(() => page.render(<Keys mark="!?" />));
    expect(page.text).toEqual(["ADA!?"]);
    expect(selections.at(-1)).toBe(marked);
  });

  it("compares selections as the app says, and by identity if they are neither arrays nor objects", () => {
    const seen: unknown[] = [];
    function Typing() {
      const typing = useOthers(
        host.room,
        (others) => others.map(({ key, presence }) => ({ key, typing: presence?.typing === true })),
        (one, other) => JSON.stringify(one) === JSON.stringify(other),
      );
      const keys = useOthers(host.room, (others) => new Set(others.map(({ key }) => key)));
      const first = useOthers(host.room, ([other]) => other?.presence?.cursor?.x ?? -1);
      seen.push([typing, keys, first]);
      return null;
    }
    function Quiet() {
      useOthers(
        host.room,
        (others) => others.map(({ key }) => ({ key })),
        (one, other) => one.length === other.length,
      );
      return <Shown as="quiet" text="" />;
    }
    page.show(
      <>
        <Typing />
        <Quiet />
      </>,
    );
    act(() => host.hello(snapshot(member("ada"))));
    const quiet = rendered.quiet!.length;
    const [before] = seen.slice(-1) as unknown[][];
    act(() => host.send({ moved: [["ada", { cursor: { x: 1, y: 1 } }]] }));
    const [after] = seen.slice(-1) as unknown[][];
    expect(after![0]).toBe(before![0]);
    expect(after![1]).not.toBe(before![1]);
    expect([before![2], after![2]]).toEqual([-1, 1]);
    expect(rendered.quiet).toHaveLength(quiet);
  });

  it("moves to another room with its component", () => {
    const next = new PresenceHost();
    function Page({ room }: { room: Board }) {
      return (
        <>
          <Here room={room} />
          <Names room={room} />
        </>
      );
    }
    page.show(<Page room={host.room} />);
    act(() => host.hello(snapshot(member("ada"))));
    expect(page.text).toEqual(["false 1 2 2 false", "ADA"]);
    act(() => page.render(<Page room={next.room} />));
    expect(page.text).toEqual([" 0 0 0 false", ""]);
    act(() => next.hello(snapshot(member("bob"), member("cyd"))));
    expect(page.text).toEqual(["false 2 3 3 false", "BOB,CYD"]);
    expect(next.sets).toEqual([FIRST]);
    const { length } = rendered.here!;
    act(() => host.send({ gone: ["ada"] }));
    expect(rendered.here).toHaveLength(length);
  });

  it("works under StrictMode, and leaves no listener behind", () => {
    page.show(
      <StrictMode>
        <Here room={host.room} />
        <Names room={host.room} />
      </StrictMode>,
    );
    act(() => host.hello(snapshot(member("ada"))));
    expect(page.text).toEqual(["false 1 2 2 false", "ADA"]);
    expect(host.sets).toEqual([FIRST]);
    page.unmount();
    const renders = rendered.names!.length;
    act(() => host.send({ set: [member("bob")] }));
    expect(rendered.names).toHaveLength(renders);
  });
});
