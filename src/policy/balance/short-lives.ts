/**
 * The black-hole guard. A server that accepts connections and loses them at once always has the fewest, so under
 * least-connections it attracts everybody: 39 of 40 clients, where nginx decides. Such a server becomes suspect and is
 * ranked last where load decides. It is not excluded: it gets a try now and then, which is how it is found to be well
 * again.
 */
export interface ShortLives {
  /** Connections opened, and those of them that the server ended young; both halve every `halfLifeMs`. */
  opened: number;
  died: number;
  countedAtMs: number;
  lastOpenedMs: number;
  suspect: boolean;
}

/**
 * A person's page stays longer than a second; a crash on the first message, or a refusal after the handshake, does not.
 */
export const shortLifeMs = 1_000;
/** Long enough to see a pattern at one handshake a second, short enough to forget a restart. */
export const halfLifeMs = 10_000;
/** Three deaths close together, a little decayed. */
const suspectFrom = 2.5;
/** Nearly forgotten: about 25 s after the last of three deaths. */
const suspectUntil = 0.5;
/** How often one client at most is sent to find out. */
export const tryEveryMs = 1_000;

export function newShortLives(): ShortLives {
  return { opened: 0, died: 0, countedAtMs: 0, lastOpenedMs: Number.NEGATIVE_INFINITY, suspect: false };
}

export function connectionOpened(lives: ShortLives, nowMs: number): void {
  decay(lives, nowMs);
  lives.opened += 1;
  lives.lastOpenedMs = nowMs;
}

export function connectionDied(lives: ShortLives, livedMs: number, nowMs: number): void {
  if (livedMs >= shortLifeMs) return;
  decay(lives, nowMs);
  lives.died += 1;
}

/** Suspect while more than half of the recent connections died young. */
export function isSuspect(lives: ShortLives, nowMs: number): boolean {
  decay(lives, nowMs);
  const mostDie = lives.died > lives.opened / 2;
  lives.suspect = mostDie && lives.died >= (lives.suspect ? suspectUntil : suspectFrom);
  return lives.suspect;
}

function decay(lives: ShortLives, nowMs: number): void {
  const passedMs = nowMs - lives.countedAtMs;
  if (passedMs <= 0) return;
  const factor = 0.5 ** (passedMs / halfLifeMs);
  lives.opened *= factor;
  lives.died *= factor;
  lives.countedAtMs = nowMs;
}
