import { describeTurnLaws } from "../test/turn-laws-suite";

describeTurnLaws({ party: "IN_MEMORY_DURABLE", programs: 10, atOnce: 2 });
