/** Idle timeouts that hops are known for, in seconds, with whose default it is. Their makers may change them. */
export const knownTimeouts: readonly (readonly [seconds: number, whose: string])[] = [
  [30, 'Google Cloud’s load balancers (backend timeout)'],
  [50, 'HAProxy as Debian configures it (timeout client, timeout server)'],
  [55, 'Heroku'],
  [60, 'nginx (proxy_read_timeout) and AWS’s application load balancers'],
  [75, 'nginx (keepalive_timeout) and servers that copy it'],
  [100, 'Cloudflare'],
  [240, 'Azure’s load balancers and address translators of mobile networks'],
  [300, 'Envoy’s stream idle timeout'],
  [350, 'AWS’s network load balancers'],
  [3600, 'an hour, as many raise proxy_read_timeout or timeout tunnel to'],
];

/** Timers fire late, and one round trip lies between the hop and the edge. */
const earlyMs = 300;
const lateMs = 2000;

/** Whose timeout lets a connection live silent for this long. */
export function timeoutNear(silentMs: number): { readonly seconds: number; readonly whose: string } | null {
  const found = knownTimeouts.find(
    ([seconds]) => silentMs >= seconds * 1000 - earlyMs && silentMs <= seconds * 1000 + lateMs,
  );
  return found === undefined ? null : { seconds: found[0], whose: found[1] };
}
