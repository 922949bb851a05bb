import type { Member, RoomStatus } from "@partyflare/client";
import { usePresence, useRoom, useStatus } from "@partyflare/client/react";
import { useCallback, useEffect, useRef } from "react";
import type { canvas } from "../../contract";
import { LabSocket } from "../lab/lab-socket";
import { visitorKey } from "../storage/visitor";

/** A person on the canvas. */
export type Painter = Member<typeof canvas>;

/** A point of the canvas: from 0, at the left or the top, to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The live state of a canvas. */
export interface Canvas {
  readonly status: RoomStatus;
  readonly others: readonly Painter[];
  readonly size: number;
  /** Shows this visitor's cursor to the others; null where there is none. */
  readonly point: (cursor: Point | null) => void;
  readonly reconnect: () => void;
}

/** Joins a canvas while the component is mounted. */
export function useCanvas(roomName: string, visitorName: string): Canvas {
  const room = useRoom<typeof canvas>({
    party: "canvas",
    room: roomName,
    token: visitorKey,
    query: () => ({ name: visitorName }),
    WebSocket: LabSocket,
  });
  const status = useStatus(room);
  const { others, size, set } = usePresence(room, { initial: { cursor: null, moves: 0 } });
  const moved = useRef(0);

  const point = useCallback(
    (cursor: Point | null) => {
      moved.current += 1;
      set({ cursor });
    },
    [set],
  );

  // Once a second, and only where it has changed: a still page sends nothing.
  useEffect(() => {
    let told = 0;
    const timer = setInterval(() => {
      const moves = Math.min(moved.current, 1_000);
      moved.current = 0;
      if (moves !== told) set({ moves });
      told = moves;
    }, 1_000);
    return () => clearInterval(timer);
  }, [set]);

  const reconnect = useCallback(() => room.reconnect(), [room]);
  return { status, others, size, point, reconnect };
}
