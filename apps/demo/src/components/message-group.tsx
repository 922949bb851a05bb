import type { MessageGroup as Group } from "../chat/timeline";
import { Avatar } from "./avatar";
import { MessageText } from "./message-text";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

interface MessageGroupProps {
  group: Group;
  /** Whether what is on its way has to wait for the connection. */
  isOffline: boolean;
}

/** What one person said in a row, under their name and the time it began. */
export function MessageGroup({ group, isOffline }: MessageGroupProps) {
  const at = new Date(group.atMs);
  const isWaiting = isOffline && group.messages.some((message) => message.isPending);
  return (
    <>
      {group.startsDay && <p className="day">{dayOf(at)}</p>}
      <article className={group.isOwn ? "message-group own" : "message-group"}>
        {!group.isOwn && <Avatar name={group.name} person={group.person} />}
        <header>
          <bdi className="author">{group.isOwn ? "You" : group.name}</bdi>
          <time dateTime={at.toISOString()}>{TIME.format(at)}</time>
        </header>
        {group.messages.map((message) => (
          <p
            key={message.key}
            className="message"
            dir="auto"
            data-pending={message.isPending || undefined}
          >
            <MessageText text={message.text} />
          </p>
        ))}
        {isWaiting && <p className="pending-note">Waiting for the connection…</p>}
      </article>
    </>
  );
}

function dayOf(at: Date): string {
  return at.toDateString() === new Date().toDateString() ? "Today" : DAY.format(at);
}
