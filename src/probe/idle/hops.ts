/** Which hop cuts after so long: a guess from defaults that are widely left as they are. */
import type { Death } from './death.ts';

interface Hop {
  readonly seconds: number;
  readonly hop: string;
  readonly reason: string;
  /** How such a hop ends a connection; absent when it may do so in any way. */
  readonly how?: readonly Death['how'][];
  /** What is raised there, where it has a name. */
  readonly setting?: string;
}

export const knownHops: readonly Hop[] = [
  { seconds: 30, hop: 'HAProxy or a framework', reason: '30 s is the timeout of many sample configurations' },
  {
    seconds: 50,
    hop: 'HAProxy',
    reason: 'Debian’s haproxy.cfg sets timeout client and timeout server to 50 s, and timeout tunnel is not set',
    setting: 'timeout tunnel',
  },
  { seconds: 55, hop: 'Heroku’s router', reason: 'it ends connections that were quiet for 55 s' },
  {
    seconds: 60,
    hop: 'nginx',
    reason: 'proxy_read_timeout is 60 s unless it is set, and nginx sends no close frame',
    how: ['fin', 'reset'],
    setting: 'proxy_read_timeout',
  },
  { seconds: 60, hop: 'an AWS Application Load Balancer, or the server', reason: 'both are set to 60 s by default' },
  { seconds: 100, hop: 'Cloudflare', reason: 'it ends connections that were quiet for 100 s' },
  { seconds: 120, hop: 'IIS or a framework', reason: '120 s is the default of IIS and of several frameworks' },
  { seconds: 230, hop: 'Azure App Service', reason: 'its load balancer lets go after 230 s' },
  { seconds: 240, hop: 'an Azure load balancer', reason: 'its idle timeout is 4 minutes by default' },
  {
    seconds: 300,
    hop: 'Envoy or Istio',
    reason: 'stream_idle_timeout is 5 minutes by default',
    setting: 'stream_idle_timeout',
  },
  {
    seconds: 350,
    hop: 'an AWS Network Load Balancer or NAT gateway',
    reason: 'both forget connections after 350 s',
    how: ['reset', 'black-hole'],
  },
  { seconds: 600, hop: 'AWS API Gateway or a Google Cloud firewall', reason: 'both let go after 10 minutes' },
  { seconds: 3600, hop: 'HAProxy or Envoy', reason: 'an hour is what both are often set to for tunnels' },
];

/** Timers are read once a second in places, and the network takes its time: within five percent, or half a second. */
const tolerance = 0.05;

export interface HopGuess {
  readonly hop: string;
  readonly reason: string;
  /** The setting to raise; null when the hop has none that is known by name. */
  readonly setting: string | null;
}

export function guessHop(timeoutMs: number, death: Death, server: string | null): HopGuess {
  const seconds = timeoutMs / 1000;
  if (death.how === 'close-frame')
    return {
      hop: 'the server itself, or a gateway that speaks WebSocket',
      reason: `it sent a close frame (${death.code ?? 'no code'}), and ordinary proxies send none`,
      setting: 'the server’s own timeout',
    };
  const near = (hop: Hop) => Math.abs(seconds - hop.seconds) <= Math.max(0.5, hop.seconds * tolerance);
  const known = knownHops.find((hop) => near(hop) && (hop.how?.includes(death.how) ?? true));
  if (known !== undefined) return { hop: known.hop, reason: known.reason, setting: known.setting ?? null };
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
      'it ended the connection without a close frame, as nginx’s proxy_read_timeout and HAProxy’s timeout tunnel do, and the time is nobody’s known default',
    setting: null,
  };
}
