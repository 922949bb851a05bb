export { fetchPartyKit } from "./partykit/fetch-partykit";
export type { PartyKitOptions } from "./partykit/fetch-partykit";
export { fromPartyKit } from "./partykit/from-partykit";
export type { FromPartyKitOptions, PartyKitClass } from "./partykit/from-partykit";
export type * from "./partykit/older-names";
export type { BindingNames } from "./partykit/resources";
export { scheduledPartyKit } from "./partykit/scheduled-partykit";
export type { ScheduledPartyKitOptions } from "./partykit/scheduled-partykit";
export type * from "./partykit/types";
