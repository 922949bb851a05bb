/** IANA: try again later. For an app's own errors that set `retryAfterMs`. */
const TRY_AGAIN_LATER = 1013;

/**
 * The library's error codes, each with the WebSocket close code of a connection that it ends. The
 * close code decides whether a client may retry by itself. Codes are for programs, messages for
 * people. An app adds a code by throwing a `PartyError` with it.
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
  // The codes below close no connection.
  disconnected: TRY_AGAIN_LATER,
  timeout: TRY_AGAIN_LATER,
  aborted: 4403,
  unknown_outcome: 4403,
} as const satisfies Record<string, number>;

/**
 * Close codes after which the same client should reconnect: those of RFC 6455 and IANA, and those
 * of `too_slow`, `rate_limited` and `room_full`.
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

/** An error code of the library. */
export type ErrorCode = keyof typeof CLOSE_CODES;

/** Any error code: one of the library, which editors complete, or one of an app. */
export type AnyErrorCode = ErrorCode | (string & {});

/** One problem that a schema found. */
export interface Issue {
  /** The keys that lead to the problem, outermost first. Empty for the value as a whole. */
  readonly path: readonly (string | number)[];
  /** The validator's message. It never holds the value. */
  readonly message: string;
}

/** The brand by which two copies of this package recognise each other's errors. */
const BRAND = Symbol.for("partyflare.PartyError");

/** The fields of every `PartyError`, from either side. */
export interface PartyErrorFields<Code extends string = string, Data = unknown> extends Error {
  /** For programs. */
  readonly code: Code;
  /** Data of the app, for programs. */
  readonly data: Data | undefined;
  /** The problems that a schema found, if the code is `invalid`. */
  readonly issues: readonly Issue[] | undefined;
  /** Milliseconds to wait before a retry. */
  readonly retryAfterMs: number | undefined;
}

/** Options of a `PartyError`. */
export interface PartyErrorOptions<Data = unknown> {
  /**
   * A text for people, which the client gets too. Default in a room: the library's text for the
   * code. Default on a client: the code with blanks for underscores.
   */
  message?: string | undefined;
  /** Data for programs, which the client gets too. */
  data?: Data | undefined;
  /** Milliseconds to wait before a retry. It makes an app's own code retryable. */
  retryAfterMs?: number | undefined;
  /** The problems that a schema found, if the code is `invalid`. The client gets them too. */
  issues?: readonly Issue[] | undefined;
  /** The error behind this one. It is never sent to the other side. */
  cause?: unknown;
}

/**
 * An error with a code that both sides know.
 *
 * Throw it in a room to refuse a client. The client gets its code, message, `data`, `issues` and
 * `retryAfterMs`, and nothing else. Any other error reaches the client as `internal`, without its
 * message.
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
  /** The data that a call declares for the code; undefined if none was given. */
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

  /** Whether a client that gets this error may retry by itself. */
  get retry(): boolean {
    return isRetriedCloseCode(this.closeCode);
  }

  /**
   * The close code of a connection that it ends. For an app's own codes 4403, or 1013 with
   * `retryAfterMs`.
   */
  get closeCode(): number {
    if (isErrorCode(this.code)) return CLOSE_CODES[this.code];
    return this.retryAfterMs === undefined ? CLOSE_CODES.forbidden : TRY_AGAIN_LATER;
  }

  /**
   * The HTTP status of a request that it refuses: 403 for 4403, for example. Codes without a status
   * give 500 or 503.
   */
  get status(): number {
    if (this.closeCode === TRY_AGAIN_LATER) return 503;
    return this.closeCode >= 4400 ? this.closeCode - 4000 : 500;
  }
}

// Not in the class: in its type, it would make the errors of two copies incompatible.
Object.defineProperty(PartyError.prototype, BRAND, { value: true });

/**
 * Whether a value is a `PartyError`. `instanceof` is false for one from RPC or from a second copy
 * of this package. This function recognises these by a brand, or by name and code.
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
    // Properties of a proxy or of a disposed stub may throw.
    return false;
  }
}

function hasFormOfPartyError(value: unknown): boolean {
  if (value instanceof PartyError) return true;
  if (typeof value !== "object" || value === null) return false;
  if (!("code" in value) || typeof value.code !== "string") return false;
  return BRAND in value || ("name" in value && value.name === "PartyError");
}

/**
 * Returns a recognised error as a `PartyError` of this copy of the package; otherwise undefined.
 */
export function partyErrorOf(value: unknown): PartyError | undefined {
  if (!isPartyError(value)) return undefined;
  try {
    return value instanceof PartyError ? value : copyOf(value);
  } catch {
    return undefined;
  }
}

function copyOf(value: PartyErrorFields): PartyError {
  // The other copy may have another version: only the code is certain.
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
 * Returns an error for a client's mistake, without a stack. One message of a client can make a room
 * create thousands of these errors.
 */
export function mistake<Data>(code: ErrorCode, options?: PartyErrorOptions<Data>): PartyError {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number };
  // `Reflect.set`, since an assignment throws if the platform's own objects are frozen.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return new PartyError(code, options);
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

/** Returns the error of an invalid option. The page of `invalid` lists the valid values. */
export function invalidOption(name: string): PartyError<"invalid"> {
  return new PartyError("invalid", {
    message: `The option \`${name}\` is not valid: ${errorPage("invalid")}`,
  });
}

/** The address of the pages of the error codes. It is the only place that names the site. */
const ERROR_PAGES = "https://partyflare.dev/errors/";

/** Returns the address of a code's page; an empty text for an app's own code. */
export function errorPage(code: string): string {
  return isErrorCode(code) ? ERROR_PAGES + code : "";
}

/** Whether a code is the library's. Apps declare others. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CLOSE_CODES, code);
}

/**
 * Whether a client reconnects after a close with `closeCode`. 1000 and every unknown code are
 * final.
 */
export function isRetriedCloseCode(closeCode: number): boolean {
  return RETRIED_CLOSE_CODES.includes(closeCode);
}

/** The same fields with unknown types. */
type Unchecked<Fields> = { readonly [Field in keyof Fields]?: unknown };

function issueOf(value: unknown): Issue[] {
  if (typeof value !== "object" || value === null) return [];
  if (!("path" in value) || !Array.isArray(value.path)) return [];
  if (!("message" in value) || typeof value.message !== "string") return [];
  return [{ path: value.path as Issue["path"], message: value.message }];
}

/** The texts of the codes, once `describeErrors` has set them. */
const texts = new Map<string, string>();

/**
 * Sets the texts of the codes. A room calls it; a client does not, so its bundle holds no texts. A
 * client gets the texts with a room's refusals.
 */
export function describeErrors(all: Readonly<Record<string, string>>): void {
  for (const [code, text] of Object.entries(all)) texts.set(code, text);
}

/** The code's text. Without one, `room_full` becomes "room full". */
function textOf(code: string): string {
  return texts.get(code) ?? code.replaceAll("_", " ");
}
