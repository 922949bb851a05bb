export type { Immutable } from "@partyflare/shared";
