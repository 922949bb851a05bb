import { groupByAuthor, type TimelineMessage } from "../chat/timeline";
import { useStickToEnd } from "../hooks/use-stick-to-end";
import { EmptyRoom } from "./empty-room";
import { MessageGroup } from "./message-group";

interface MessageLogProps {
  roomName: string;
  /** Whether the room has not been heard yet. */
  isLoading: boolean;
  /** Whether what is said now has to wait. */
  isOffline: boolean;
  messages: readonly TimelineMessage[];
}

/** What was said, oldest first. It stays at its end unless the reader scrolls up. */
export function MessageLog({ roomName, isLoading, isOffline, messages }: MessageLogProps) {
  const { list, unread, scrollToEnd } = useStickToEnd({
    count: messages.length,
    lastIsOwn: messages.at(-1)?.isOwn ?? false,
  });
  const isEmpty = messages.length === 0;

  const onUnreadClick = () => {
    scrollToEnd();
    // The button goes away: the focus moves to where the reader has gone.
    list.current?.focus({ preventScroll: true });
  };

  return (
    <div className="log-frame">
      <div
        ref={list}
        className="message-log"
        role="log"
        aria-label="Messages"
        aria-live="polite"
        aria-busy={isLoading}
        // It scrolls, so the keyboard has to get there.
        tabIndex={0}
      >
        <div className="log-column">
          {isEmpty && <EmptyRoom roomName={roomName} isLoading={isLoading} />}
          {groupByAuthor(messages).map((group) => (
            <MessageGroup key={group.key} group={group} isOffline={isOffline} />
          ))}
        </div>
      </div>
      {unread > 0 && (
        <button type="button" className="unread-button" onClick={onUnreadClick}>
          {unread === 1 ? "1 new message" : `${unread} new messages`}
          <span aria-hidden="true"> ↓</span>
        </button>
      )}
    </div>
  );
}
