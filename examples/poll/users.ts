import { jwtVerify, SignJWT } from "jose";

/** Keeps out tokens that the same key signs for other purposes. */
const AUDIENCE = "poll";

/** A token for a user whom your login has checked. */
export function signUser(user: string, secret: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setAudience(AUDIENCE)
    .setExpirationTime("1 hour")
    .sign(new TextEncoder().encode(secret));
}

/**
 * The user of a token.
 *
 * @throws Error if the token is forged, has expired, or has another audience.
 */
export async function verifyUser(token: string, secret: string): Promise<string> {
  const { payload } = await jwtVerify<{ sub: string }>(token, new TextEncoder().encode(secret), {
    algorithms: ["HS256"],
    audience: AUDIENCE,
    requiredClaims: ["exp", "sub"],
  });
  return payload.sub;
}
