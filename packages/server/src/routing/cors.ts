import { type AllowedOrigins, isListed } from "./origin";

/** CORS options: the foreign pages that may read a room's answers to plain requests. */
export interface CorsOptions {
  /**
   * Allowed origins, written as in `allowedOrigins`. Default: `["*"]`, every page, without
   * credentials.
   */
  origins?: AllowedOrigins;
  /** Whether the page may send cookies. It needs a list of origins. Default: false. */
  credentials?: boolean;
  /** Allowed methods. Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  methods?: readonly string[];
  /** Allowed request headers. Default: the headers that the page asks for. */
  headers?: readonly string[];
  /** How long a browser may cache the preflight answer, in seconds. Default: 86,400, a day. */
  maxAgeSeconds?: number;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const DAY_SECONDS = 86_400;

/** Whether a request is a CORS preflight. */
export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method");
}

/** Returns the answer to a preflight, without waking the room. */
export function answerPreflight(request: Request, options: CorsOptions): Response {
  const headers = corsHeaders(request, options);
  if (headers.has("Access-Control-Allow-Origin")) {
    const asked = request.headers.get("Access-Control-Request-Headers");
    const allowed = options.headers?.join(", ") ?? asked;
    headers.set("Access-Control-Allow-Methods", (options.methods ?? METHODS).join(", "));
    if (allowed) headers.set("Access-Control-Allow-Headers", allowed);
    headers.set("Access-Control-Max-Age", String(options.maxAgeSeconds ?? DAY_SECONDS));
  }
  return new Response(null, { status: 204, headers });
}

/** Returns the same response with the CORS headers. */
export function withCors(request: Request, response: Response, options: CorsOptions): Response {
  const answer = new Response(response.body, response);
  for (const [name, value] of corsHeaders(request, options)) {
    if (name === "vary") answer.headers.append(name, value);
    else answer.headers.set(name, value);
  }
  return answer;
}

/**
 * Returns the CORS headers. A listed origin is reflected; `*` is never sent with credentials.
 *
 * @throws TypeError for credentials without a list: any page could then act as the visitor.
 */
function corsHeaders(
  request: Request,
  { origins = ["*"], credentials = false }: CorsOptions,
): Headers {
  const isOpen = origins.includes("*");
  if (isOpen && credentials) throw new TypeError("cors.credentials needs a list in cors.origins.");
  if (isOpen) return new Headers({ "Access-Control-Allow-Origin": "*" });
  const headers = new Headers({ Vary: "Origin" });
  const origin = request.headers.get("Origin");
  if (origin === null || !isListed(origin, origins)) return headers;
  headers.set("Access-Control-Allow-Origin", origin);
  if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
  return headers;
}
