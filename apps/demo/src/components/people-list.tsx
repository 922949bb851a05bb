import { useId } from "react";
import type { Chat } from "../chat/use-chat";
import { Avatar } from "./avatar";

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

interface PeopleListProps extends Pick<Chat, "people" | "you" | "asOfMs"> {}

/** The people in the room, this visitor among them. Without a connection, it tells how old it is. */
export function PeopleList({ people, you, asOfMs }: PeopleListProps) {
  const titleId = useId();
  return (
    <section
      className="panel-section"
      aria-labelledby={titleId}
      data-stale={asOfMs !== null || undefined}
    >
      <h2 id={titleId}>
        Here now <span className="count">{people.length}</span>
        {asOfMs !== null && <span>as of {TIME.format(asOfMs)}</span>}
      </h2>
      <ul className="people">
        {people.map(({ id, name }) => (
          <li key={id} className="person">
            <Avatar name={name} person={id} />
            <bdi className="person-name">{name}</bdi>
            {id === you.id && <span className="you-mark">you</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
