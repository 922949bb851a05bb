import { defineContract, type } from "@partyflare/shared";
import { history, Party } from "./index";

const chat = defineContract({
  fromServer: {
    said: type<{ text: string }>(),
    bell: type<void>(),
    moved: type<{ x: number }>(),
  },
});

class Chat extends Party.for(chat) {
  readonly history = this.use(history({ events: ["said", "bell"], onJoin: 50 }));

  texts(): string[] {
    const past = this.history.read({ before: 7, limit: 3 });
    // @ts-expect-error -- it is no durable event
    past.some(({ event }) => event === "moved");
    return past.flatMap((one) => (one.event === "said" ? [one.data.text] : []));
  }
}

class Mistaken extends Party.for(chat) {
  // @ts-expect-error -- the contract has no such event
  readonly history = this.use(history({ events: ["unheard"] }));
}

export function anyParty(party: Chat | Mistaken): Party {
  return party;
}
