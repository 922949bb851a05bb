import { type FormEvent, useId, useState } from "react";
import { navigate, readRoomName, ROOM_NAME_RULE, roomPagePath } from "../route";
import { useRecentRooms } from "../storage/recent-rooms";
import { RoomLink } from "./room-link";

/**
 * The latest visited rooms, and a field to enter any other. A room starts when somebody enters it.
 */
export function RoomSwitcher({ roomName }: { roomName: string }) {
  const rooms = useRecentRooms(roomName);
  const [draft, setDraft] = useState("");
  const [isIllegal, setIsIllegal] = useState(false);
  const fieldId = useId();
  const errorId = useId();
  const titleId = useId();

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = readRoomName(draft.trim());
    setIsIllegal(wanted === null);
    if (wanted !== null) navigate(roomPagePath(wanted));
  };

  return (
    <nav className="panel-section" aria-labelledby={titleId}>
      <h2 id={titleId}>Rooms</h2>
      <ul className="rooms">
        {rooms.map((other) => (
          <li key={other}>
            <RoomLink room={other} isCurrent={other === roomName} />
          </li>
        ))}
      </ul>
      <form className="inline-form" onSubmit={onSubmit}>
        <label htmlFor={fieldId}>Go to another room, or make one</label>
        <div className="inline-form-row">
          <input
            id={fieldId}
            className="text-field"
            autoComplete="off"
            autoCapitalize="none"
            placeholder="Any name"
            value={draft}
            aria-invalid={isIllegal}
            aria-describedby={errorId}
            onChange={(event) => setDraft(event.target.value)}
          />
          <button type="submit" className="button">
            Go
          </button>
        </div>
        <p id={errorId} className="field-error" role="alert">
          {isIllegal ? ROOM_NAME_RULE : ""}
        </p>
      </form>
    </nav>
  );
}
