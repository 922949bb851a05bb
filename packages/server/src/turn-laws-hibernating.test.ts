import { describeTurnLaws } from "../test/turn-laws-suite";

describeTurnLaws({ party: "HIBERNATING_DURABLE", programs: 10, atOnce: 2 });
