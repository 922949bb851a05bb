import type { Person } from "../../messages";
import { NameEditor } from "./name-editor";
import { PeopleList } from "./people-list";
import { RoomSwitcher } from "./room-switcher";

interface SidePanelProps {
  room: string;
  people: readonly Person[];
  /** This visitor's id; null before the room has told it. */
  you: string | null;
  name: string;
  onRename: (name: string) => void;
}

/** Who this visitor is, who else is here, and where else to go. */
export function SidePanel({ room, people, you, name, onRename }: SidePanelProps) {
  return (
    <>
      <NameEditor name={name} person={you ?? ""} onRename={onRename} />
      <PeopleList people={people} you={you} />
      <RoomSwitcher room={room} />
    </>
  );
}
