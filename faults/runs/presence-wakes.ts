import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@partyflare/harness/wait";
import { check } from "../harness/check.ts";
import type { PresenceTabRecord } from "../harness/presence-messages.ts";
import { personOf } from "../harness/presence-schedule.ts";
import type { PresenceTabs } from "../harness/presence-tabs.ts";
import { Link } from "../harness/proxy.ts";
import { putToSleep, reportOf } from "../harness/room-place.ts";
import type { Workerd } from "../harness/workerd.ts";
import type { PresenceReport, VariantName } from "../worker/presence-report.ts";

/** The variants in which bob is one of those that ada is shown. */
const VARIANTS: readonly VariantName[] = ["plain", "few", "anonymous"];

/** What wakes the room. */
const WAKERS = ["call", "connect"] as const;

const WITHIN_MS = 60_000;

/** More than a client's ping needs to arrive, in ms. */
const PINGED_MS = 700;

/**
 * A connection dies while its room sleeps. When the room wakes, it removes the ghost before it
 * answers anybody: the one that has woken it by a call, and the one that has by connecting.
 */
export async function wakes(workerd: Workerd, processes: readonly PresenceTabs[]): Promise<void> {
  const [tabs] = processes;
  if (!tabs) return;
  const cases = VARIANTS.flatMap((variant) => WAKERS.map((waker) => ({ variant, waker })));
  await Promise.all(cases.map((each) => wake(workerd, tabs, each)));
}

async function wake(
  workerd: Workerd,
  tabs: PresenceTabs,
  { variant, waker }: { variant: VariantName; waker: (typeof WAKERS)[number] },
): Promise<void> {
  const place = { party: "crowd", room: `${variant}-wakes-${waker}` } as const;
  const link = await Link.open(workerd.port);
  const names = ["ada", "bob", "cyd"].map((user) => `${place.room}-${user}`);
  const [ada = "", bob = "", cyd = ""] = names;
  const specs = names.map((name, index) => {
    const { person, tags } = personOf(index + 1);
    const key = `${person.user}${"x".repeat(21)}`.slice(0, 21) + "A";
    const host = name === bob ? link.host : workerd.host;
    return { ...place, name, host, key, resumes: false, person, tags };
  });
  await tabs.add(specs);
  const open = (name: string) => tabs.act(name, { kind: "open", hasInitial: true });
  await open(ada);
  await open(bob);
  const { deadAfterMs, members } = await eventually("ada sees bob", WITHIN_MS, async () => {
    const report = await reportOf<PresenceReport>(workerd, place);
    const [shown] = await tabs.records([ada]);
    return shown?.page?.members.length === 2 && report.members.length === 2 ? report : undefined;
  });
  const key = members.find(({ devices }) => devices.some(({ id }) => id === bob))?.key ?? "";
  await sleep(PINGED_MS);
  // To the room, bob's connection stays open, and is silent.
  await link.suffer([{ afterMs: 0, fault: { kind: "abandon" } }]);
  await tabs.act(bob, { kind: "close" });
  await putToSleep(workerd, place);
  await sleep(deadAfterMs);
  const shown =
    waker === "call"
      ? await tabs.actAndShow(ada, { kind: "poke" })
      : await firstOf(tabs, cyd, open);
  const keys =
    waker === "call" ? shown.page?.members.map((member) => member.key) : shown.page?.first;
  check(
    keys?.includes(key) === false,
    `${place.room} has answered the ${waker} that has woken it before its ghost has left: ${keys?.join()}`,
  );
  await tabs.remove(names);
  await link.close();
}

async function firstOf(
  tabs: PresenceTabs,
  name: string,
  open: (name: string) => Promise<void>,
): Promise<PresenceTabRecord> {
  await open(name);
  return eventually(`${name} is shown who is here`, WITHIN_MS, async () => {
    const [record] = await tabs.records([name]);
    return record?.page?.first ? record : undefined;
  });
}
