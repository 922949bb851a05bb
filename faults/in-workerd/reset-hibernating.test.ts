import { describeResets } from "./resets.ts";

describeResets("hibernating");
