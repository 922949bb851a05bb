import { reset } from "cloudflare:test";
import { afterAll } from "vitest";

// All files share one workerd. A room with open connections stays in memory, with all that it keeps.
afterAll(() => reset());
