import { describeTurnLaws } from "../test/turn-laws-suite";

describeTurnLaws({ party: "HIBERNATING_DURABLE", sleepsBetween: true, programs: 4, atOnce: 6 });
