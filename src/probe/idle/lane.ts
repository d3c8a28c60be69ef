/** One connection that behaves in one way for as long as it lives. */
import type { ClientConnection, ClientConnectionEnd, ConnectionEvent } from '../../client/connection/connection.ts';
import { dial } from '../../client/dial/dial.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import type { Death } from './death.ts';
import type { LaneKind, LaneReport } from './report.ts';

export interface Lane {
  readonly kind: LaneKind;
  readonly startedMs: number;
  readonly death: Death | null;
  /** Milliseconds from its start to its death, or until now. */
  ageMs(): number;
  /** When the server said something of its own accord, as ages; only the first ones are kept. */
  readonly spoken: readonly Spoken[];
  /** Resolves when it has died. */
  readonly died: Promise<void>;
  /** Sends a ping and tells whether anybody answers; one that is not answered makes it dead of a black hole. */
  prove(timeoutMs: number): Promise<boolean>;
  report(): LaneReport;
  end(): void;
}

export interface Spoken {
  readonly atMs: number;
  readonly what: 'ping' | 'message';
}

/** Enough to see a rhythm. */
const spokenMax = 1000;

/** What is sent, and whether pings of the server are answered. */
const behaviours: Readonly<
  Record<LaneKind, { readonly pong: boolean; readonly say: ((connection: ClientConnection) => void) | null }>
> = {
  mute: { pong: false, say: null },
  ladder: { pong: false, say: null },
  answering: { pong: true, say: null },
  pongs: { pong: false, say: (connection) => void connection.pong() },
  pings: { pong: true, say: (connection) => void connection.ping() },
  messages: { pong: true, say: (connection) => void connection.send('holdline probe') },
};

/**
 * Speaking twice a second at first, and at a twentieth of its age later: always more often than the silence that is
 * looked for.
 */
const sayEveryMs = 500;
const sayShare = 1 / 20;

/** Null when the connection cannot be opened. */
export async function openLane(kind: LaneKind, url: string, options: DialOptions): Promise<Lane | null> {
  const { pong, say } = behaviours[kind];
  const spoken: Spoken[] = [];
  let startedMs = performance.now();
  let endedMs: number | null = null;
  let death: Death | null = null;
  let told: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    told = resolve;
  });
  let timer: NodeJS.Timeout | null = null;
  let pongs: (() => void)[] = [];
  let ending = false;

  const die = (how: Death) => {
    if (death !== null || ending) return;
    death = how;
    endedMs = performance.now();
    if (timer !== null) clearTimeout(timer);
    told();
  };
  const hear = (_connection: ClientConnection, event: ConnectionEvent) => {
    if (event.kind === 'pong') {
      for (const answered of pongs) answered();
      pongs = [];
    } else if (event.kind === 'close') die({ how: 'close-frame', code: event.code, reason: event.reason });
    else if (spoken.length < spokenMax)
      spoken.push({ atMs: performance.now() - startedMs, what: event.kind === 'ping' ? 'ping' : 'message' });
  };
  const result = await dial(url, {
    ...options,
    replies: { pong },
    onEvent: hear,
    onEnd: (_, end) => die(deathOf(end)),
  });
  if (!result.ok) return null;
  const { connection } = result;
  startedMs = performance.now();
  const ageMs = () => (endedMs ?? performance.now()) - startedMs;
  const speak = () => {
    say!(connection);
    timer = setTimeout(speak, Math.max(sayEveryMs, ageMs() * sayShare));
  };
  if (say !== null && death === null) timer = setTimeout(speak, sayEveryMs);
  return {
    kind,
    startedMs,
    spoken,
    died,
    ageMs,
    get death() {
      return death;
    },
    async prove(timeoutMs) {
      if (death !== null) return false;
      const silentMs = performance.now();
      connection.ping();
      let limit: NodeJS.Timeout | null = null;
      const answered = await Promise.race([
        new Promise<boolean>((resolve) => pongs.push(() => resolve(true))),
        died.then(() => false),
        new Promise<boolean>((resolve) => {
          limit = setTimeout(() => resolve(false), timeoutMs);
        }),
      ]);
      clearTimeout(limit!);
      if (!answered && death === null) {
        die({ how: 'black-hole' });
        // It was dead when it was asked, not when we stopped to wait.
        endedMs = silentMs;
      }
      return answered;
    },
    report: () => ({ kind, ageMs: ageMs(), death }),
    end() {
      ending = true;
      if (timer !== null) clearTimeout(timer);
      connection.cut();
    },
  };
}

function deathOf(end: ClientConnectionEnd): Death {
  if (end.received !== null) return { how: 'close-frame', ...end.received };
  return end.socket.how === 'error' ? { how: 'reset' } : { how: 'fin' };
}
