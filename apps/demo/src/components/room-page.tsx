import { useEffect, useId, useState } from "react";
import { timeline } from "../chat/timeline";
import { useChat } from "../chat/use-chat";
import { useDraft } from "../chat/use-draft";
import { useOutgoing } from "../chat/use-outgoing";
import { useTyping } from "../chat/use-typing";
import { useMediaQuery } from "../hooks/use-media-query";
import { useVisitorName } from "../storage/visitor";
import { ClosedNotice } from "./closed-notice";
import { Composer } from "./composer";
import { ConnectionLab } from "./connection-lab";
import { MessageLog } from "./message-log";
import { PanelDialog } from "./panel-dialog";
import { RoomHeader } from "./room-header";
import { SidePanel } from "./side-panel";
import { SiteHeader } from "./site-header";
import { TypingLine } from "./typing-line";

/** The width at which the panel fits beside the messages. layout.css repeats it. */
const WIDE = "(min-width: 52rem)";

/** A room's page: its messages, its people, and a field for messages. */
export function RoomPage({ roomName }: { roomName: string }) {
  const [visitorName, keepVisitorName] = useVisitorName();
  const chat = useChat(roomName, visitorName);
  const draft = useDraft(roomName);
  const { outgoing, say } = useOutgoing(chat.room, draft.giveBack);
  const typed = useTyping(chat.setTyping);
  const isWide = useMediaQuery(WIDE);
  const [isPanelOpen, setIsPanelOpen] = useState(false);
  const panelId = useId();
  const { status } = chat;
  // The first attempt is no loss of connection.
  const isOffline = status.state === "connecting" ? status.attempt > 0 : status.state !== "open";

  const lostOrOpen = isOffline ? "lost" : "open";
  const connection = status.state === "closed" ? "closed" : lostOrOpen;

  useEffect(() => {
    document.title = `${roomName} · partyflare`;
  }, [roomName]);

  const panel = <SidePanel chat={chat} onRenamed={keepVisitorName} />;

  return (
    <div className="room-page">
      <SiteHeader />
      <main className="room-main">
        <RoomHeader
          chat={chat}
          panel={
            isWide ? null : { id: panelId, isOpen: isPanelOpen, open: () => setIsPanelOpen(true) }
          }
        />
        <ConnectionLab chat={chat} pending={outgoing.length} startsOpen={isWide} />
        {status.state === "closed" && (
          <ClosedNotice error={status.error} onRetry={() => chat.room.reconnect()} />
        )}
        <MessageLog
          roomName={roomName}
          isLoading={chat.said === null}
          isOffline={isOffline}
          messages={timeline(chat, outgoing)}
        />
        <TypingLine people={isOffline ? [] : chat.typing} />
        <Composer draft={draft} connection={connection} onSay={say} onWrite={typed} />
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
