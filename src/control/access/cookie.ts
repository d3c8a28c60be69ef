import { sessionMs } from './access.ts';

/** The page's session. Scripts cannot read it, and no other site's request carries it. */
const name = 'holdline_session';

export function sessionIn(cookieHeader: string | undefined): string | null {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w-]{40,60}$/.test(value)) return value;
  }
  return null;
}

export function sessionCookie(session: string): string {
  return `${name}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(sessionMs / 1000)}`;
}

export const endedCookie = `${name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
