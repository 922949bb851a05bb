import { act, startTransition, StrictMode, useLayoutEffect } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lacks } from "../../test/platform";
import { EMPTY, patch, type Poll, type poll, SharedHost, snapshot } from "../../test/shared-host";
import { sharedState } from "../capabilities/shared-state/shared-state";
import { All, Count, renders, Voters, Whole } from "../../test/shared-page";
import { forget, rendered, Shown, TestPage } from "../../test/test-page";
import { useRoom } from "./use-room";
import { useShared, useSharedStatus } from "./use-shared";

const FIRST: Poll = { ...EMPTY, count: 4, votes: { ada: 1 } };

beforeEach(forget);

describe("the shared state on a server", () => {
  function Page({ initialValue }: { initialValue?: Poll }) {
    const room = useRoom<typeof poll>({ party: "poll", room: "lobby" });
    sharedState(room, { initialValue });
    return <All room={room} />;
  }

  it("is the initial value, or undefined", () => {
    const error = vi.spyOn(console, "error");
    expect(renderToString(<Page />)).toBe("<p>nothing</p><p>undefined</p><p>nothing</p>");
    expect(renderToString(<Page initialValue={FIRST} />)).toBe("<p>open 4</p><p>4</p><p>ada</p>");
    expect(error).not.toHaveBeenCalled();
  });
});

describe.skipIf(lacks("a document"))("the shared state in a page", () => {
  let host: SharedHost;
  let page: TestPage;
  beforeEach(() => {
    page = new TestPage();
    host = new SharedHost();
  });
  afterEach(() => page.end());

  it("is shown with its changes, and is undefined before, without a call of the selector", () => {
    const select = vi.fn((value: { count: number }) => value.count);
    function Selected() {
      return <Shown as="selected" text={String(useShared(host.room, select))} />;
    }
    page.show(
      <>
        <Whole room={host.room} />
        <Selected />
      </>,
    );
    expect(host.asked[0]).toBe("shared");
    expect(page.text).toEqual(["nothing", "undefined"]);
    expect(select).not.toHaveBeenCalled();
    act(() => host.hello(snapshot({ count: 1 })));
    expect(page.text).toEqual(["open 1", "1"]);
    act(() => host.send(patch(2, { set: [["phase", "closed"]] })));
    expect(page.text).toEqual(["closed 1", "1"]);
    act(() => host.lose());
    expect(page.text).toEqual(["closed 1", "1"]);
  });

  it("has a status, for which a component renders again", () => {
    function Status() {
      return <Shown as="status" text={useSharedStatus(host.room)} />;
    }
    page.show(<Status />);
    act(() => host.hello(snapshot({ count: 1 })));
    act(() => host.send(patch(2, { set: [["count", 2]] })));
    act(() => host.lose());
    expect(rendered["status"]).toEqual(["loading", "live", "stale"]);
  });

  it("renders once for each message, and only what has changed", () => {
    page.show(<All room={host.room} />);
    act(() => host.hello(snapshot(FIRST)));
    expect(renders()).toEqual({ whole: 2, count: 2, voters: 2 });
    act(() =>
      host.send(
        patch(2, { set: [["count", 5]] }),
        patch(3, { set: [["count", 6]] }),
        patch(4, { set: [["phase", "closed"]] }),
      ),
    );
    expect(page.text).toEqual(["closed 6", "6", "ada"]);
    expect(renders()).toEqual({ whole: 3, count: 3, voters: 2 });
    act(() => host.send(patch(5, { set: [["votes", "ada", 2]] })));
    expect(renders()).toEqual({ whole: 4, count: 3, voters: 2 });
    act(() => host.send(patch(6, { set: [["votes", "ada", 2]] })));
    act(() => host.lose());
    act(() => host.hello(snapshot({ ...FIRST, votes: { ada: 2 }, count: 6, phase: "closed" }, 7)));
    expect(renders()).toEqual({ whole: 4, count: 3, voters: 2 });
    act(() => host.send(patch(8, { set: [["votes", "bob", 1]] })));
    expect(page.text).toEqual(["closed 6", "6", "ada,bob"]);
    expect(renders()).toEqual({ whole: 5, count: 3, voters: 3 });
  });

  it("is the same in all components, also if it changes in the middle of a render", () => {
    const shown: unknown[] = [];
    page.show(null);
    sharedState(host.room);
    host.hello(snapshot(FIRST));
    let hasChanged = false;
    function Meddler() {
      // React may pause here, and take a message in.
      if (!hasChanged) host.send(patch(2, { set: [["count", 9]] }));
      hasChanged = true;
      useLayoutEffect(() => void shown.push(page.text));
      return null;
    }
    act(() =>
      startTransition(() =>
        page.render(
          <>
            <Count room={host.room} />
            <Meddler />
            <Count room={host.room} />
          </>,
        ),
      ),
    );
    expect(shown).toEqual([["9", "9"]]);
    expect(rendered.count!.slice(0, 2)).toEqual(["4", "9"]);
  });

  it("shows an optimistic change at once, and never twice", () => {
    page.show(<All room={host.room} />);
    act(() => host.hello(snapshot(FIRST)));
    const shared = sharedState(host.room);
    const call = host.call();
    act(
      () => void shared.optimistic(call.promise, (value) => ({ ...value, count: value.count + 1 })),
    );
    expect(page.text).toEqual(["open 5", "5", "ada"]);
    const before = renders();
    act(() =>
      host.message(() => {
        host.send(patch(2, { set: [["count", 5]] }));
        call.reply();
      }),
    );
    expect(renders()).toEqual(before);
    expect(rendered.count).toEqual(["undefined", "4", "5"]);
  });

  it("hydrates with the initial value, and does not render again for an equal snapshot", () => {
    sharedState(host.room, { initialValue: FIRST });
    page.show(<All room={host.room} />);
    expect(renders()).toEqual({ whole: 1, count: 1, voters: 1 });
    act(() => host.hello(snapshot(FIRST)));
    expect(page.text).toEqual(["open 4", "4", "ada"]);
    expect(renders()).toEqual({ whole: 1, count: 1, voters: 1 });
  });

  it("hydrates with the initial value also if the room's value is there already", () => {
    sharedState(host.room, { initialValue: FIRST });
    const html = renderToString(<All room={host.room} />);
    host.hello(snapshot({ ...FIRST, count: 5 }));
    page.show(<All room={host.room} />);
    expect(html).toBe("<p>open 4</p><p>4</p><p>ada</p>");
    expect(rendered.count).toEqual(["4", "5"]);
    expect(rendered.voters).toEqual(["ada"]);
    expect(page.text).toEqual(["open 5", "5", "ada"]);
  });

  it("keeps an equal selection, also if the function changes, and takes new props", () => {
    const selections: unknown[] = [];
    function Kinds({ mark }: { mark: string }) {
      selections.push(
        useShared(host.room, ({ count }) => ({ isMany: count > 3, kind: mark.slice(0, 1) })),
      );
      return <Voters room={host.room} mark={mark} />;
    }
    page.show(<Kinds mark="" />);
    act(() => host.hello(snapshot(FIRST)));
    const last = selections.at(-1);
    expect(last).toEqual({ isMany: true, kind: "" });
    act(() => host.send(patch(2, { set: [["count", 9]] })));
    expect(selections.at(-1)).toBe(last);
    act(() => page.render(<Kinds mark="!" />));
    expect(page.text).toEqual(["ada!"]);
    const marked = selections.at(-1);
    expect(marked).toEqual({ isMany: true, kind: "!" });
    act(() => page.render(<Kinds mark="!?" />));
    expect(page.text).toEqual(["ada!?"]);
    expect(selections.at(-1)).toBe(marked);
  });

  it("compares selections as the app says, and never one that is not there", () => {
    const seen: unknown[] = [];
    const isEqual = vi.fn((one: { at: number }, other: { at: number }) => one.at === other.at);
    function Tens() {
      seen.push(
        useShared(host.room, ({ count }) => ({ at: Math.floor(count / 10), count }), isEqual),
      );
      return null;
    }
    page.show(<Tens />);
    expect(isEqual).not.toHaveBeenCalled();
    act(() => host.hello(snapshot({ count: 1 })));
    act(() => host.send(patch(2, { set: [["count", 9]] })));
    // The first one is that of the server.
    expect(seen).toEqual([undefined, undefined, { at: 0, count: 1 }]);
    act(() => host.send(patch(3, { set: [["count", 12]] })));
    expect(seen.at(-1)).toEqual({ at: 1, count: 12 });
    expect(seen).toHaveLength(4);
    for (const pair of isEqual.mock.calls) expect(pair).not.toContain(undefined);
  });

  it("moves to another room with its component", () => {
    const next = new SharedHost();
    page.show(<All room={host.room} />);
    act(() => host.hello(snapshot(FIRST)));
    expect(page.text).toEqual(["open 4", "4", "ada"]);
    act(() => page.render(<All room={next.room} />));
    expect(page.text).toEqual(["nothing", "undefined", "nothing"]);
    act(() => next.hello(snapshot({ votes: { bob: 1 } })));
    expect(page.text).toEqual(["open 0", "0", "bob"]);
    const before = renders();
    act(() => host.send(patch(2, { set: [["count", 9]] })));
    expect(renders()).toEqual(before);
  });

  it("works under StrictMode, and leaves no listener behind", () => {
    page.show(
      <StrictMode>
        <All room={host.room} />
      </StrictMode>,
    );
    act(() => host.hello(snapshot(FIRST)));
    expect(page.text).toEqual(["open 4", "4", "ada"]);
    page.unmount();
    const before = renders();
    act(() => host.send(patch(2, { set: [["count", 9]] })));
    expect(renders()).toEqual(before);
  });
});
