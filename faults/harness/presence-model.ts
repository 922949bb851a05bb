import {
  isShown,
  lastKeysFirst,
  type MemberReport,
  type PresenceReport,
  type Variant,
  VARIANTS,
} from "../worker/presence-report.ts";
import type { PresenceTabRecord } from "./presence-messages.ts";
import { same, told } from "./same.ts";

/** A tab with a page, and with the key of its member; null if it is none. */
interface OpenTab extends PresenceTabRecord {
  readonly page: NonNullable<PresenceTabRecord["page"]>;
  readonly memberKey: string | null;
}

/**
 * What a room and its tabs know at rest, compared with each other and with what must hold.
 *
 * @param records of all tabs that the room ever had.
 * @returns a sentence for each thing that is not as it should be (yet).
 */
export function presenceMistakesOf(
  report: PresenceReport,
  records: readonly PresenceTabRecord[],
): string[] {
  const tabs = openTabsOf(report, records);
  const notOpen = tabs.filter(({ page }) => page.state !== "open");
  return [
    ...notOpen.map(({ name, page }) => `${name} is ${page.state} (${page.error})`),
    ...mistakesInRoom(report, tabs),
    ...tabs.flatMap((tab) => mistakesInTab(report, tab)),
  ];
}

/** What no rest can mend. */
export function lastingMistakesOf(
  report: PresenceReport,
  records: readonly PresenceTabRecord[],
): string[] {
  const told = records.flatMap(({ name, mistakes }) => mistakes.map((each) => `${name} ${each}`));
  return [...report.mistakes, ...told];
}

/**
 * The members and devices that the room lists, and that are not there. A connection whose client
 * never had it is left out: the room finds it later, which the run `vanish` checks.
 */
export function ghostsOf(report: PresenceReport, records: readonly PresenceTabRecord[]): string[] {
  const tabs = openTabsOf(report, records);
  const keys = new Set(tabs.map(({ memberKey }) => memberKey));
  const ids = new Set(tabs.map(({ page }) => page.id));
  for (const { id, wasTaken } of report.connections) if (!wasTaken) ids.add(id);
  return report.members.flatMap(({ key, devices }) => {
    const dead = devices.filter(({ id }) => !ids.has(id));
    const isGhost = !keys.has(key) && dead.length === devices.length;
    return isGhost ? [key] : dead.map(({ id }) => `the device ${id} of ${key}`);
  });
}

function openTabsOf(report: PresenceReport, records: readonly PresenceTabRecord[]): OpenTab[] {
  const { isAnonymous }: Variant = VARIANTS[report.variant];
  const clients = new Map(report.connections.map(({ id, client }) => [id, client]));
  return records.flatMap((record) => {
    const { page, person } = record;
    if (!page) return [];
    const key = isAnonymous ? clients.get(page.id) : person.user;
    return [{ ...record, page, memberKey: key || null }];
  });
}

/** The room lists the open tabs as devices of their members, with what each has set. */
function mistakesInRoom(report: PresenceReport, tabs: readonly OpenTab[]): string[] {
  const devices = new Map(
    report.members.flatMap(({ key, devices }) =>
      devices.map(({ id, presence }) => [id, { key, presence }] as const),
    ),
  );
  const connections = new Map(report.connections.map((connection) => [connection.id, connection]));
  return [
    ...ghostsOf(report, tabs).map((ghost) => `the room lists a ghost: ${ghost}`),
    ...tabs.flatMap((tab) => {
      const { name, memberKey, page, person, tags } = tab;
      const { id, own } = page;
      const device = devices.get(id);
      const connection = connections.get(id);
      if (!connection) return [`the room has no connection of ${name}`];
      const isSame =
        same(connection.person, person) &&
        same([...connection.tags].toSorted(), [...tags].toSorted());
      if (!isSame) return [`the room does not know yet who ${name} is`];
      if (!device)
        return memberKey === null ? [] : [`the room does not list ${name} as ${memberKey}`];
      if (device.key !== memberKey)
        return [`the room lists ${name} as ${device.key}, not ${memberKey}`];
      const set = own && Object.keys(own.fields).length > 0 ? own.fields : undefined;
      return own && !same(device.presence, set)
        ? [
            `the room does not have what ${name} has set: ${told(device.presence)}, not ${told(set)}`,
          ]
        : [];
    }),
    ...report.members.flatMap((member) => mistakesInMember(report, member, tabs)),
  ];
}

/** A member's data is that of its devices. */
function mistakesInMember(
  report: PresenceReport,
  { key, info, presence, devices }: MemberReport,
  tabs: readonly OpenTab[],
): string[] {
  const { isAnonymous }: Variant = VARIANTS[report.variant];
  // The room keeps a connection that its client never received for 10 s.
  const unknown = report.connections.filter(({ wasTaken }) => !wasTaken);
  const people = [
    ...tabs.filter(({ memberKey }) => memberKey === key).map(({ person }) => person),
    ...unknown.filter(({ person }) => person.user === key).map(({ person }) => person),
  ];
  const isKnown = people.some(({ name, team }) => same(info, isAnonymous ? {} : { name, team }));
  const known = isKnown || people.length === 0 ? [] : [`${key} is known as ${told(info)}`];
  if (devices.length === 0) return known;
  const values = devices.flatMap((device) => Object.entries(device.presence ?? {}));
  const own = Object.entries(presence ?? {});
  const isMerged =
    own.every((field) => values.some((value) => same(value, field))) &&
    values.every(([name]) => own.some(([other]) => other === name));
  return isMerged
    ? known
    : [...known, `the room shows ${key} with ${told(presence)}, of no device`];
}

/** A tab shows what the room lists for it. */
function mistakesInTab(report: PresenceReport, { name, memberKey, page, tags }: OpenTab): string[] {
  const { members, size, isPartial } = expectedFor(report, memberKey, tags);
  const mistakes: string[] = [];
  const shown = new Map(page.members.map((member) => [member.key, member]));
  if (shown.size < page.members.length) mistakes.push(`${name} lists a member twice`);
  for (const member of members) {
    const other = shown.get(member.key);
    shown.delete(member.key);
    if (!other) mistakes.push(`${name} does not list ${member.key}`);
    else if (!same(normal(member), normal(other))) {
      const have = `${told(normal(other))}, and the room has ${told(normal(member))}`;
      mistakes.push(`${name} shows ${member.key} as ${have}`);
    }
  }
  for (const key of shown.keys()) mistakes.push(`${name} lists ${key}, who is not there for it`);
  if ((page.me?.key ?? null) !== memberKey) {
    mistakes.push(`${name} takes itself for ${page.me?.key}, not ${memberKey}`);
  }
  if (page.size !== size) mistakes.push(`${name} counts ${page.size} members, not ${size}`);
  if (page.isPartial !== isPartial) mistakes.push(`${name} says isPartial: ${page.isPartial}`);
  return mistakes;
}

/** What the room has to show a viewer. */
function expectedFor(report: PresenceReport, own: string | null, tags: readonly string[]) {
  const { isPerViewer, maxListed = Infinity, picksLast }: Variant = VARIANTS[report.variant];
  const { members } = report;
  const isLarge = members.length > maxListed;
  const picked = picksLast ? lastKeysFirst(members) : members;
  const listed = new Set((isLarge ? picked.slice(0, maxListed) : members).map(({ key }) => key));
  const seen = members.filter(
    (member) => member.key === own || !isPerViewer || isShown(member, tags),
  );
  const shown = seen.filter(({ key }) => key === own || listed.has(key));
  // With `visible`, only what a viewer may see counts for it.
  return {
    members: shown,
    size: seen.length,
    isPartial: isPerViewer ? shown.length < seen.length : isLarge,
  };
}

function normal({ key, info, presence, devices }: MemberReport): MemberReport {
  return {
    key,
    info,
    ...(presence && { presence }),
    devices: devices.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}
