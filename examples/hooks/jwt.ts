import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Claims {
  readonly sub?: string;
  readonly tenant?: string;
  /** Seconds since 1970. */
  readonly exp?: number;
  readonly nbf?: number;
}

/**
 * The claims of a token that is signed with HS256 (RFC 7519, RFC 7515) and valid at `nowMs`; otherwise a word that says
 * what is wrong.
 */
export function checkJwt(token: string, secret: string, nowMs: number): Claims | 'malformed' | 'forged' | 'expired' {
  const [head, body, signature, ...more] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return 'malformed';
  // The token must not choose how it is checked: of all algorithms, only the one that the secret is for.
  if (parsed(head)?.alg !== 'HS256') return 'malformed';
  const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
  const claims = parsed(body);
  if (claims === null) return 'malformed';
  const nowSeconds = nowMs / 1000;
  if (typeof claims.exp !== 'number' || nowSeconds >= claims.exp) return 'expired';
  if (typeof claims.nbf === 'number' && nowSeconds < claims.nbf) return 'expired';
  return claims as Claims;
}

function parsed(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
