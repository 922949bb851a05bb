import type { Chat } from "../chat/use-chat";
import { NameEditor } from "./name-editor";
import { PeopleList } from "./people-list";
import { RoomSwitcher } from "./room-switcher";

interface SidePanelProps {
  chat: Chat;
  /** Called with the visitor's new name when the room has taken it. */
  onRenamed: (name: string) => void;
}

/** The visitor, the others who are here, and other rooms. */
export function SidePanel({ chat: { room, people, you, asOfMs }, onRenamed }: SidePanelProps) {
  return (
    <>
      <NameEditor room={room} you={you} onRenamed={onRenamed} />
      <PeopleList people={people} you={you} asOfMs={asOfMs} />
      <RoomSwitcher roomName={room.name} />
    </>
  );
}
