import { checkArguments, type PartyKitOptions } from "./fetch-partykit";
import { resourcesOf } from "./resources";
import type { Cron } from "./types";

/** Options of `scheduledPartyKit`. */
export interface ScheduledPartyKitOptions extends Pick<PartyKitOptions, "bindings" | "main"> {
  /** Cron expressions by their names: `crons` of partykit.json. */
  crons?: Readonly<Record<string, string>>;
}

/**
 * Runs the static `onCron` of a PartyKit class, from the Worker's `scheduled`.
 *
 * @throws TypeError if the class has no `onCron`, or if an argument is missing.
 */
export async function scheduledPartyKit(
  controller: ScheduledController,
  env: object,
  ctx: ExecutionContext,
  options: ScheduledPartyKitOptions,
): Promise<void> {
  checkArguments("scheduledPartyKit", env, ctx, options);
  const { main, bindings, crons = {} } = options;
  if (!main.onCron) {
    throw new TypeError("A cron is due, and the class has no static onCron: remove the trigger.");
  }
  const [name = controller.cron] =
    Object.entries(crons).find(([, expression]) => expression === controller.cron) ?? [];
  const cron: Cron = {
    name,
    cron: controller.cron,
    scheduledTime: controller.scheduledTime,
    noRetry: () => controller.noRetry(),
  };
  await main.onCron(cron, resourcesOf(env, bindings), ctx);
}
