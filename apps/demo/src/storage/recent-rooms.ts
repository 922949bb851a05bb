import { useEffect, useMemo } from "react";
import { DEFAULT_ROOM, readRoomName } from "../route";
import { storedValue, useStoredValue } from "./stored-value";

const MAX_RECENT_ROOMS = 6;

/** One name per line: a room's name never has a line break. */
const storedRooms = storedValue("partyflare:rooms");

/** Returns the latest visited rooms by name, and adds this one. */
export function useRecentRooms(room: string): readonly string[] {
  const stored = useStoredValue(storedRooms);

  useEffect(() => {
    const rooms = [room, ...readRooms(storedRooms.get()).filter((other) => other !== room)];
    storedRooms.set(rooms.slice(0, MAX_RECENT_ROOMS).join("\n"));
  }, [room]);

  return useMemo(() => {
    const rooms = new Set([DEFAULT_ROOM, room, ...readRooms(stored)]);
    return [...rooms].toSorted((a, b) => a.localeCompare(b));
  }, [room, stored]);
}

function readRooms(text: string | null): string[] {
  return (text ?? "").split("\n").flatMap((line) => readRoomName(line) ?? []);
}
