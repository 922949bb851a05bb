import { jwtVerify, SignJWT } from "jose";

/** The claims of a token. */
export interface Claims {
  name: string;
  /** When the token expires, in seconds since 1970, as JWT defines it. */
  exp: number;
}

/**
 * The tokens' audience and issuer. They keep out tokens that the same key signs for other purposes.
 */
const AUDIENCE = "lounge";
const ISSUER = "partyflare-example-auth";

/**
 * Returns a token. It is signed, not encrypted: its holder can read it, but nobody can change it.
 */
export function signToken(name: string, lifetimeSeconds: number, secret: string): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(`${lifetimeSeconds} seconds`)
    .sign(new TextEncoder().encode(secret));
}

/**
 * Returns a token's claims, after checking its signature, expiry, issuer and audience.
 *
 * @throws Error if one of these is not valid.
 */
export async function verifyToken(token: string, secret: string): Promise<Claims> {
  const { payload } = await jwtVerify<Claims>(token, new TextEncoder().encode(secret), {
    algorithms: ["HS256"],
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ["exp", "name"],
  });
  return { name: payload.name, exp: payload.exp };
}
