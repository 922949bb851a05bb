/** How an error leaves the room: the WebSocket close code, and whether to come back. */
interface ErrorEntry {
  /** The WebSocket close code, where the error ends a connection. */
  readonly closeCode?: number;
  /** Whether a client that was refused with it may try again by itself. */
  readonly retry: boolean;
}

/**
 * Every code of the library. Codes are for programs, messages for people.
 * An app adds its own by throwing a `PartyError` with another code.
 */
export const ERRORS = {
  bad_frame: { closeCode: 4400, retry: false },
  unknown_frame: { closeCode: 4400, retry: false },
  unknown_event: { closeCode: 4400, retry: false },
  unknown_call: { closeCode: 4400, retry: false },
  invalid: { closeCode: 4400, retry: false },
  unauthorized: { closeCode: 4401, retry: false },
  forbidden: { closeCode: 4403, retry: false },
  not_found: { closeCode: 4404, retry: false },
  superseded: { closeCode: 4409, retry: false },
  too_large: { closeCode: 4413, retry: false },
  too_slow: { closeCode: 4408, retry: true },
  rate_limited: { closeCode: 4429, retry: true },
  room_full: { closeCode: 4503, retry: true },
  internal: { closeCode: 1011, retry: true },
  timeout: { retry: true },
  aborted: { retry: false },
  disconnected: { retry: true },
  unknown_outcome: { retry: false },
} as const satisfies Record<string, ErrorEntry>;

/** A code of the library's own table. */
export type ErrorCode = keyof typeof ERRORS;

/** Any code: the library's own, completed by editors, or an app's. */
export type AnyErrorCode = ErrorCode | (string & {});

/** Registered at IANA: try again later. For refusals of an app's own that name a wait. */
const TRY_AGAIN_LATER = 1013;

const FORBIDDEN = ERRORS.forbidden.closeCode;

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
    super(
      options.message ?? textOf(code),
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = code as Code;
    this.data = options.data as Data;
    this.issues = options.issues;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether a client that was refused with it may try again by itself. */
  get retry(): boolean {
    return entryOf(this.code)?.retry ?? this.retryAfterMs !== undefined;
  }

  /** The close code of a connection that it ends. An app's own codes: 4403, or 1013 with a wait. */
  get closeCode(): number {
    return entryOf(this.code)?.closeCode ?? (this.retry ? TRY_AGAIN_LATER : FORBIDDEN);
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

/** Close codes of RFC 6455 and IANA after which the same client should connect again. */
const RETRIED_CLOSE_CODES = [1001, 1005, 1006, 1011, 1012, TRY_AGAIN_LATER, 1014, 1015];

/**
 * Whether a client comes back after its connection was closed with `closeCode`.
 * 1000 and every code that is not in the table are final.
 */
export function isRetriedCloseCode(closeCode: number): boolean {
  return (
    RETRIED_CLOSE_CODES.includes(closeCode) ||
    Object.values<ErrorEntry>(ERRORS).some((entry) => entry.retry && entry.closeCode === closeCode)
  );
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

function entryOf(code: string): ErrorEntry | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}
