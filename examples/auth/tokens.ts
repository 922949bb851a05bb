import { jwtVerify, SignJWT } from "jose";

/** What a token of ours says. */
export interface Claims {
  name: string;
  /** When it ends, in seconds since 1970: JWT's own measure. */
  exp: number;
}

/** For whom the tokens are, and from whom: so that no other token of the same key will do. */
const AUDIENCE = "lounge";
const ISSUER = "partyflare-example-auth";

/** A token: signed, not secret. Whoever has it can read it, and nobody can change it. */
export function signToken(name: string, lifetimeSeconds: number, secret: string): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime(`${lifetimeSeconds} seconds`)
    .sign(new TextEncoder().encode(secret));
}

/**
 * What a token says, once its signature, its end, its issuer and its audience have been checked.
 *
 * @throws where any of that is not as it should be.
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
