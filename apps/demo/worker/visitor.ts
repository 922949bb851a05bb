import { type Credential, PartyError } from "partyflare";
import { nameSchema, type Person } from "../contract";
import { personId } from "./person-id";

/**
 * Returns the person behind a request. The token is the visitor's secret: whoever else would be
 * them would have to know it.
 *
 * @throws PartyError `unauthorized` without a token.
 */
export async function visitorOf(
  room: string,
  request: Request,
  { token }: Credential,
): Promise<Person> {
  if (!token) throw new PartyError("unauthorized");
  const name = new URL(request.url).searchParams.get("name");
  return { id: await personId(room, token), name: nameSchema.catch("Guest").parse(name) };
}
