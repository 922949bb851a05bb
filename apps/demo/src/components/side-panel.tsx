import type { Chat } from "../chat/use-chat";
import { NameEditor } from "./name-editor";
import { PeopleList } from "./people-list";
import { RoomSwitcher } from "./room-switcher";

interface SidePanelProps {
  chat: Chat;
  /** Called with the visitor's new name when the room has accepted it. */
  onRenamed: (name: string) => void;
}

/** The panel with the visitor, the other people in the room, and other rooms. */
export function SidePanel({ chat: { room, people, you, asOfMs }, onRenamed }: SidePanelProps) {
  return (
    <>
      <NameEditor room={room} you={you} onRenamed={onRenamed} />
      <PeopleList people={people} you={you} asOfMs={asOfMs} />
      <RoomSwitcher roomName={room.name} />
    </>
  );
}
