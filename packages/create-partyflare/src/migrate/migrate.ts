import type { MigrateCommand } from "../arguments";
import type { Surroundings } from "../create";
export function migrate(_command: MigrateCommand, _around: Surroundings): void {}
