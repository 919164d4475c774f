/** Colleagues who have this annotation selected at the moment, beside it in a list. */

import { useWorkspace } from "./context";
import { Avatar } from "./parts";

const MOST = 3;

export function Lookers({ id }: { id: string }) {
  const people = useWorkspace().lookers.value.get(id) ?? [];
  return (
    <>
      {people.slice(0, MOST).map((person) => (
        <Avatar key={person.id} name={person.name} colour={person.colour} small />
      ))}
    </>
  );
}
