import { defineContract, type } from "@partyflare/shared";
import { describe, expect, it } from "vitest";
import { FakeHost, withStorage } from "../../../test/fake-host";
import { SharedViewer } from "../../../test/shared-viewer";
import { sharedState } from "./shared-state";

interface Value {
  n: number;
  big: Record<string, string>;
}

const contract = defineContract({ shared: type<Value>() });

const TEXT = "x".repeat(60_000);

function open(storage: DurableObjectStorage) {
  const feature = sharedState<typeof contract>({ initial: { n: 0, big: {} } });
  const room = FakeHost.with(feature, { contract, storage });
  /** Changes more than fits into a frame. */
  const fill = (mark: string) =>
    room.api.change(({ big }) => {
      for (let index = 0; index < 60; index += 1) big[`k${index}`] = mark + TEXT;
    });
  fill("0");
  const ada = room.connect("ada");
  const viewer = new SharedViewer();
  viewer.hello(ada.hello);
  /** Lets time pass until the viewer has a change as a whole. */
  const until = (isDone: () => boolean) => {
    for (let ms = 0; ms < 1_000 && !isDone(); ms += 1) {
      room.pass(1);
      for (const payload of ada.take()) viewer.take(payload);
    }
    expect(isDone()).toBe(true);
  };
  return { room, fill, ada, viewer, until };
}

const valueOf = (viewer: SharedViewer) => viewer.value as unknown as Value;

describe("a frame that is too large for one message", () => {
  it("has one timer, also if others follow it, and a slow reader has all of its time", async () => {
    await withStorage((storage) => {
      const { room, fill, ada, viewer, until } = open(storage);
      for (let round = 1; round <= 6; round += 1) {
        fill(String(round));
        until(() => viewer.changes === round);
        expect(room.timers).toBeLessThanOrEqual(2);
      }
      ada.isBehind = true;
      room.pass(25_000);
      expect(ada.isOpen).toBe(true);
      room.pass(10_000);
      expect(ada.closeCode).toBe(4_408);
    });
  });

  it("ends with the changes of a call that was answered meanwhile, though another one runs", async () => {
    await withStorage((storage) => {
      const { room, ada, viewer, until } = open(storage);
      const call = (run: () => unknown) =>
        room.capability.aroundCall!({ connection: ada.real } as never, run);
      let end = () => {};
      const running = call(() => new Promise<void>((resolve) => (end = resolve)));
      call(() => room.api.change((draft) => void (draft.n = 1)));
      until(() => viewer.changes > 0);
      expect(valueOf(viewer).n).toBe(1);
      end();
      void running;
    });
  });
});
