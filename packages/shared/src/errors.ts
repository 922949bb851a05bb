/** Registered at IANA: try again later. For refusals of an app's own that name a wait. */
const TRY_AGAIN_LATER = 1013;

/**
 * Every code of the library, with the WebSocket close code of a connection that it ends. The close
 * code tells whether a client may try again by itself. Codes are for programs, messages for people.
 * An app adds its own by throwing a `PartyError` with another code.
 */
export const CLOSE_CODES = {
  bad_frame: 4400,
  unknown_frame: 4400,
  unknown_event: 4400,
  unknown_call: 4400,
  invalid: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  not_found: 4404,
  superseded: 4409,
  too_large: 4413,
  too_slow: 4408,
  rate_limited: 4429,
  room_full: 4503,
  internal: 1011,
  // These end no connection.
  disconnected: TRY_AGAIN_LATER,
  timeout: TRY_AGAIN_LATER,
  aborted: 4403,
  unknown_outcome: 4403,
} as const satisfies Record<string, number>;

/**
 * Close codes after which the same client should connect again: of RFC 6455 and IANA, and those of
 * `too_slow`, `rate_limited` and `room_full`.
 */
const RETRIED_CLOSE_CODES = [
  1001,
  1005,
  1006,
  1011,
  1012,
  TRY_AGAIN_LATER,
  1014,
  1015,
  4408,
  4429,
  4503,
];

/** A code of the library's own table. */
export type ErrorCode = keyof typeof CLOSE_CODES;

/** Any code: the library's own, completed by editors, or an app's. */
export type AnyErrorCode = ErrorCode | (string & {});

/** One thing that a schema found wrong. */
export interface Issue {
  /** Where: the keys from the outside in. Empty for the value as a whole. */
  readonly path: readonly (string | number)[];
  /** What, in the validator's words. Never holds the value. */
  readonly message: string;
}

/** The brand by which copies of this package recognise each other's errors. */
const BRAND = Symbol.for("partyflare.PartyError");

/** What every `PartyError` carries, wherever it comes from. */
export interface PartyErrorFields<Code extends string = string, Data = unknown> extends Error {
  /** For programs. */
  readonly code: Code;
  /** For programs: what the app put into it. */
  readonly data: Data | undefined;
  /** What a schema found, where the code is `invalid`. */
  readonly issues: readonly Issue[] | undefined;
  /** Milliseconds after which to try again. */
  readonly retryAfterMs: number | undefined;
}

/** What a `PartyError` may carry besides its code. */
export interface PartyErrorOptions<Data = unknown> {
  /**
   * For people. Default: in a room the table's text for the code, and on a client the code's own
   * words. It reaches the client.
   */
  message?: string | undefined;
  /** For programs. It reaches the client. */
  data?: Data | undefined;
  /** Milliseconds after which to try again. An app's own code that has it is not final. */
  retryAfterMs?: number | undefined;
  /** What a schema found, where the code is `invalid`. It reaches the client. */
  issues?: readonly Issue[] | undefined;
  /** What led to it. Stays on the machine where it was thrown. */
  cause?: unknown;
}

/**
 * An error that both sides understand by its code.
 *
 * Thrown in a room it refuses: its code, message, `data` and `retryAfterMs` reach the client, and
 * nothing else does. Any other error reaches the client as `internal`, without its message.
 *
 * @example
 * throw new PartyError("unauthorized");
 * throw new PartyError("rate_limited", { retryAfterMs: 1_000 });
 */
export class PartyError<Code extends string = string, Data = unknown>
  extends Error
  implements PartyErrorFields<Code, Data>
{
  override readonly name = "PartyError";
  readonly code: Code;
  /** What a call declares for the code; undefined where nothing was given. */
  readonly data: Data;
  readonly issues: readonly Issue[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: Code | ErrorCode, options: PartyErrorOptions<Data> = {}) {
    super(options.message ?? textOf(code), options);
    this.code = code as Code;
    this.data = options.data as Data;
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether a client that was refused with it may try again by itself. */
  get retry(): boolean {
    return isRetriedCloseCode(this.closeCode);
  }

  /** The close code of a connection that it ends. An app's own codes: 4403, or 1013 with a wait. */
  get closeCode(): number {
    if (Object.hasOwn(CLOSE_CODES, this.code)) return CLOSE_CODES[this.code as ErrorCode];
    return this.retryAfterMs === undefined ? CLOSE_CODES.forbidden : TRY_AGAIN_LATER;
  }

  /** The HTTP status of a request that it refuses: 4403 is 403, and what has none is 500 or 503. */
  get status(): number {
    if (this.closeCode === TRY_AGAIN_LATER) return 503;
    return this.closeCode >= 4400 ? this.closeCode - 4000 : 500;
  }
}

// Not in the class: in its type, it would make the errors of two copies incompatible.
Object.defineProperty(PartyError.prototype, BRAND, { value: true });

/**
 * Whether a value is a `PartyError`, also one that came over RPC or from a second copy of this
 * package, where `instanceof` is false: such an error is known by a brand, or by its name and code.
 *
 * @example
 * catch (error) {
 *   if (isPartyError(error) && error.code === "name_taken") return error.data;
 *   throw error;
 * }
 */
export function isPartyError(value: unknown): value is PartyErrorFields {
  try {
    return hasFormOfPartyError(value);
  } catch {
    // A value whose properties throw: a proxy, or a stub that was disposed of.
    return false;
  }
}

function hasFormOfPartyError(value: unknown): boolean {
  if (value instanceof PartyError) return true;
  if (typeof value !== "object" || value === null) return false;
  if (!("code" in value) || typeof value.code !== "string") return false;
  return BRAND in value || ("name" in value && value.name === "PartyError");
}

/** A recognised error as one of this package's own, with its close code and status; else undefined. */
export function partyErrorOf(value: unknown): PartyError | undefined {
  if (!isPartyError(value)) return undefined;
  try {
    return value instanceof PartyError ? value : copyOf(value);
  } catch {
    return undefined;
  }
}

function copyOf(value: PartyErrorFields): PartyError {
  // The other copy may be of another version: nothing of its form is sure but the code.
  const { message, data, issues, retryAfterMs }: Unchecked<PartyErrorFields> = value;
  return new PartyError(value.code, {
    message: typeof message === "string" ? message : undefined,
    data,
    issues: Array.isArray(issues) ? issues.flatMap(issueOf) : undefined,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined,
    cause: value,
  });
}

/**
 * An error for a client's mistake. It has no stack: nobody reads one, and a client can make a room
 * create thousands of them with one message.
 */
export function mistake<Data>(code: ErrorCode, options?: PartyErrorOptions<Data>): PartyError {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number };
  // `Reflect.set` and not an assignment, which throws where the platform's own objects are frozen.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return new PartyError(code, options);
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

/** The error of an option that cannot be what it is. docs/errors.md tells what each may be. */
export function invalidOption(name: string): PartyError<"invalid"> {
  return new PartyError("invalid", {
    message: `The option \`${name}\` is not valid: docs/errors.md`,
  });
}

/**
 * Whether a client comes back after its connection was closed with `closeCode`.
 * 1000 and every code that is not in the table are final.
 */
export function isRetriedCloseCode(closeCode: number): boolean {
  return RETRIED_CLOSE_CODES.includes(closeCode);
}

/** The same fields, none of whose types can be relied on. */
type Unchecked<Fields> = { readonly [Field in keyof Fields]?: unknown };

function issueOf(value: unknown): Issue[] {
  if (typeof value !== "object" || value === null) return [];
  if (!("path" in value) || !Array.isArray(value.path)) return [];
  if (!("message" in value) || typeof value.message !== "string") return [];
  return [{ path: value.path as Issue["path"], message: value.message }];
}

/** Texts by code, where `describeErrors` has given them. */
const texts = new Map<string, string>();

/**
 * Gives the codes their texts. A room does; a client does without, so that its bundle holds none:
 * the texts of a room's refusals come with them.
 */
export function describeErrors(all: Readonly<Record<string, string>>): void {
  for (const [code, text] of Object.entries(all)) texts.set(code, text);
}

/** The code's text, or its own words: `room_full` is "room full". */
function textOf(code: string): string {
  return texts.get(code) ?? code.replaceAll("_", " ");
}
