/** The one word for how a server is, from everything that is known of it, with its reason. */

/**
 * `up`: takes new connections. `suspect`: passive signs speak against it, and it is asked last. `down`: its health
 * checks fail. `draining`: takes nothing new, by command or because it leaves. `gone`: no longer listed, and still
 * holds connections.
 */
export const serverStates = ['up', 'suspect', 'down', 'draining', 'gone'] as const;
export type ServerStateName = (typeof serverStates)[number];

export interface ServerSigns {
  readonly listed: boolean;
  readonly draining: boolean;
  /** Why Holdline takes one off that it started itself; null while it stays. */
  readonly leaving: string | null;
  /** What the last failing check said; null while they pass, or without any. */
  readonly checkFailure: string | null;
  /** Why workers pass it over; null while they do not. */
  readonly passive: PassiveSign | null;
}

/** `unreachable`: dials fail. `drops`: connections die soon after the 101. */
export type PassiveSign = 'unreachable' | 'drops';

export interface ServerStatus {
  readonly state: ServerStateName;
  /** A short sentence; empty for one that is up. */
  readonly reason: string;
}

const passiveReasons: Readonly<Record<PassiveSign, string>> = {
  unreachable: 'it could not be reached',
  drops: 'most connections end within a second of their opening',
};

/** What was done on purpose comes first, then what was measured, then what was only noticed. */
export function statusOf(signs: ServerSigns): ServerStatus {
  if (!signs.listed) return { state: 'gone', reason: signs.leaving ?? 'it was removed; its connections are drained' };
  if (signs.leaving !== null) return { state: 'draining', reason: signs.leaving };
  if (signs.draining) return { state: 'draining', reason: 'it takes no new connections' };
  if (signs.checkFailure !== null) return { state: 'down', reason: signs.checkFailure };
  if (signs.passive !== null) return { state: 'suspect', reason: passiveReasons[signs.passive] };
  return { state: 'up', reason: '' };
}
