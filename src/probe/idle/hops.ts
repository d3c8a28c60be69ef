/** Which hop cuts after so long: a guess from defaults that are widely left as they are. */
import { type KnownHop, knownHops } from '../../base/hop.ts';
import type { Death } from './death.ts';

/** Timers are read once a second in places, and the network takes its time: within five percent, or half a second. */
const tolerance = 0.05;

export interface HopGuess {
  readonly hop: string;
  readonly reason: string;
  /** The setting to raise; null when the hop has none that is known by name. */
  readonly setting: string | null;
}

export function guessHop(timeoutMs: number, death: Death, server: string | null): HopGuess {
  if (death.how === 'close-frame')
    return {
      hop: 'the server itself, or a gateway that speaks WebSocket',
      reason: `it sent a close frame (${death.code ?? 'no code'}), and ordinary proxies send none`,
      setting: 'the server’s own timeout',
    };
  const near = ({ idleTimeoutMs }: KnownHop) =>
    idleTimeoutMs !== null && Math.abs(timeoutMs - idleTimeoutMs) <= Math.max(500, idleTimeoutMs * tolerance);
  const known = knownHops.find((hop) => near(hop) && (hop.ends?.includes(death.how) ?? true));
  if (known !== undefined) return { hop: known.label, reason: known.about, setting: known.setting ?? null };
  if (death.how === 'black-hole')
    return {
      hop: 'a firewall or NAT',
      reason: 'it forgot the connection without a word, which proxies and servers do not',
      setting: null,
    };
  if (server !== null && /^(?:nginx|openresty)/i.test(server))
    return {
      hop: 'nginx',
      reason: `${server} answered, nginx sends no close frame, and proxy_read_timeout is what it counts`,
      setting: 'proxy_read_timeout',
    };
  return {
    hop: 'a proxy on the way, or the server’s TCP layer',
    reason:
      'it ended the connection without a close frame, as nginx’s proxy_read_timeout and HAProxy’s timeout tunnel do, and no known product has that time as its default',
    setting: null,
  };
}
