import type { Question } from "./question.ts";
import { calls } from "./questions/calls.ts";
import { clientDecode } from "./questions/client-decode.ts";
import { coldRoom } from "./questions/cold-room.ts";
import { connectRate } from "./questions/connect-rate.ts";
import { cost } from "./questions/cost.ts";
import { cursorStorm } from "./questions/cursor-storm.ts";
import { delivery } from "./questions/delivery.ts";
import { echo } from "./questions/echo.ts";
import { fanOut } from "./questions/fan-out.ts";
import { lookup } from "./questions/lookup.ts";
import { memory } from "./questions/memory.ts";
import { presence } from "./questions/presence.ts";
import { quietRoom } from "./questions/quiet-room.ts";
import { rows } from "./questions/rows.ts";
import { sharedState } from "./questions/shared-state.ts";
import { sizes } from "./questions/sizes.ts";
import { smallRooms } from "./questions/small-rooms.ts";
import { types } from "./questions/types.ts";
import { validation } from "./questions/validation.ts";
import { wake } from "./questions/wake.ts";

/** All that can be asked, in the order of asking. */
export const QUESTIONS: readonly Question[] = [
  fanOut,
  smallRooms,
  cursorStorm,
  presence,
  sharedState,
  quietRoom,
  echo,
  coldRoom,
  connectRate,
  wake,
  lookup,
  memory,
  validation,
  calls,
  delivery,
  rows,
  cost,
  clientDecode,
  sizes,
  types,
];

/**
 * What is asked in quick mode: what catches a slip within seconds. Not `cold-room`, where the file
 * system decides, and not `rows`, which unit tests count.
 */
export const QUICK_QUESTIONS: readonly Question[] = [fanOut, cursorStorm, quietRoom, echo, cost];
