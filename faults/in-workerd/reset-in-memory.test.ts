import { describeResets } from "./resets.ts";

describeResets("in-memory");
