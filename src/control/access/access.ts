import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What somebody may do: look, or look and steer. */
export type Role = 'read' | 'steer';

export interface Visitor {
  /** `local` where no token is needed; otherwise which token it was. */
  readonly name: string;
  readonly role: Role;
}

export interface Tokens {
  /** null lets everybody in who reaches the address, which is then a loopback one. */
  readonly steer: string | null;
  readonly read: string | null;
}

/** Who may speak to the control API. Tokens are kept as digests; sessions of the page stand for them. */
export interface Access {
  readonly open: boolean;
  /** By the token itself, in constant time. */
  byToken(token: string): Visitor | null;
  bySession(session: string): Visitor | null;
  /** A new session for whoever this is. */
  begin(visitor: Visitor): string;
  end(session: string): void;
  /** For another supervisor: digests, and nothing that one could sign in with. */
  kept(): KeptSession[];
  restore(sessions: readonly KeptSession[]): void;
}

export interface KeptSession {
  readonly digest: string;
  readonly visitor: Visitor;
  readonly untilMs: number;
}

/** More pages than look at one edge; the oldest goes when it is full. */
const sessionsMax = 200;
/** A working day; then the token is asked again. */
export const sessionMs = 12 * 3_600_000;

const local: Visitor = { name: 'local', role: 'steer' };

export function access(tokens: Tokens, nowMs: () => number): Access {
  const known = (['steer', 'read'] as const).flatMap((role) => {
    const token = tokens[role];
    return token === null ? [] : [{ digest: digest(token), visitor: { name: `${role} token`, role } }];
  });
  const sessions = new Map<string, { readonly visitor: Visitor; readonly untilMs: number }>();
  const open = tokens.steer === null;

  return {
    open,
    byToken(token) {
      const given = digest(token);
      // Every token is compared, so that the time does not tell which of them was nearly right.
      const matching = known.filter((each) => timingSafeEqual(each.digest, given));
      return matching[0]?.visitor ?? (open ? local : null);
    },
    bySession(session) {
      const found = sessions.get(digest(session).toString('base64'));
      return found !== undefined && nowMs() < found.untilMs ? found.visitor : null;
    },
    begin(visitor) {
      const session = randomBytes(32).toString('base64url');
      if (sessions.size >= sessionsMax) sessions.delete(sessions.keys().next().value!);
      sessions.set(digest(session).toString('base64'), { visitor, untilMs: nowMs() + sessionMs });
      return session;
    },
    kept: () => [...sessions].map(([digest, session]) => ({ digest, ...session })),
    restore(kept) {
      // Of a token that is none any more there is no session either.
      for (const { digest, ...session } of kept)
        if (open || known.some(({ visitor }) => visitor.name === session.visitor.name)) sessions.set(digest, session);
    },
    end(session) {
      sessions.delete(digest(session).toString('base64'));
    },
  };
}

/** Digests are of one length and say nothing of how much of a guess was right. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
