import { useId } from "react";
import type { Person } from "../../contract";
import { Avatar } from "./avatar";

/** Who is in the room, this visitor among them. */
export function PeopleList({ people, you }: { people: readonly Person[]; you: Person }) {
  const titleId = useId();
  return (
    <section className="panel-section" aria-labelledby={titleId}>
      <h2 id={titleId}>
        Here now <span className="count">{people.length}</span>
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
