import { useEffect, useId, useState } from "react";
import { timeline } from "../chat/timeline";
import { useChat } from "../chat/use-chat";
import { useMediaQuery } from "../hooks/use-media-query";
import { useVisitorName } from "../storage/visitor";
import { Composer } from "./composer";
import { MessageLog } from "./message-log";
import { PanelDialog } from "./panel-dialog";
import { RoomHeader } from "./room-header";
import { SidePanel } from "./side-panel";

/** As wide as it takes for the panel to stand beside the messages; layout.css has it too. */
const WIDE = "(min-width: 52rem)";

/** A room: what is said in it, who is in it, and a place to say something. */
export function RoomPage({ room }: { room: string }) {
  const [name, rename] = useVisitorName();
  const chat = useChat(room, name);
  const isWide = useMediaQuery(WIDE);
  const [isPanelOpen, setIsPanelOpen] = useState(false);
  const panelId = useId();

  useEffect(() => {
    document.title = `${room} · partyflare`;
  }, [room]);

  const panel = (
    <SidePanel room={room} people={chat.people} you={chat.you} name={name} onRename={rename} />
  );

  return (
    <div className="room-page">
      <RoomHeader
        room={room}
        connection={chat.connection}
        peopleCount={chat.people.length}
        panel={
          isWide ? null : { id: panelId, isOpen: isPanelOpen, open: () => setIsPanelOpen(true) }
        }
        onRetry={chat.retry}
      />
      <main className="room-main">
        <MessageLog
          isLoading={chat.messages === null}
          isOffline={chat.connection !== "open"}
          messages={timeline(chat, name)}
        />
        <Composer room={room} connection={chat.connection} onSay={chat.say} />
      </main>
      {isWide ? (
        <aside className="side-panel" aria-label="You, people and rooms">
          {panel}
        </aside>
      ) : (
        <PanelDialog id={panelId} isOpen={isPanelOpen} onClose={() => setIsPanelOpen(false)}>
          {panel}
        </PanelDialog>
      )}
    </div>
  );
}
