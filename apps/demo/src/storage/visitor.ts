import { randomKey } from "@partyflare/shared";
import { storedValue, useStoredValue } from "./stored-value";

const storedKey = storedValue("partyflare:key");
const storedName = storedValue("partyflare:name");

/** Returns this visitor's secret key, by which rooms recognize them. The first visit creates it. */
export function visitorKey(): string {
  return keep(storedKey, randomKey);
}

/** Returns this visitor's name and a function that changes it. The first visit makes up a name. */
export function useVisitorName(): [name: string, rename: (name: string) => void] {
  return [useStoredValue(storedName) || keep(storedName, randomName), storedName.set];
}

function keep(value: typeof storedKey, make: () => string): string {
  const kept = value.get();
  if (kept) return kept;
  const made = make();
  value.set(made);
  return made;
}

const FIRST = ["Amber", "Brave", "Calm", "Clever", "Gentle", "Merry", "Quiet", "Sunny", "Swift"];
const LAST = ["Badger", "Falcon", "Fox", "Heron", "Lynx", "Marten", "Otter", "Robin", "Wren"];

function randomName(): string {
  return `${pick(FIRST)} ${pick(LAST)}`;
}

function pick(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? "Guest";
}
