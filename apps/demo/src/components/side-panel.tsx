import type { Chat } from "../chat/use-chat";
import { ConnectionCutter } from "./connection-cutter";
import { NameEditor } from "./name-editor";
import { PeopleList } from "./people-list";
import { RoomSwitcher } from "./room-switcher";

interface SidePanelProps {
  chat: Chat;
  /** Called with the visitor's new name when the room has taken it. */
  onRenamed: (name: string) => void;
}

/** Who this visitor is, who else is here, where else to go, and what happens without a connection. */
export function SidePanel({ chat: { room, status, people, you }, onRenamed }: SidePanelProps) {
  return (
    <>
      <NameEditor room={room} you={you} onRenamed={onRenamed} />
      <PeopleList people={people} you={you} />
      <RoomSwitcher roomName={room.name} />
      <ConnectionCutter room={room} status={status} />
    </>
  );
}
