/** What lies between a browser and a server, and how long each lets a silent connection live. */

export interface Hop {
  readonly name: string;
  /** Longest silence it tolerates; null: it has no such limit. */
  readonly idleTimeoutMs: number | null;
}

export interface KnownHop extends Hop {
  readonly about: string;
}

/** Hops that may be written by name alone. Their makers may change them; the number can be written too. */
export const knownHops: readonly KnownHop[] = [
  { name: 'browser', idleTimeoutMs: null, about: 'browsers keep silent sockets open; the networks beneath do not' },
  {
    name: 'mobile-nat',
    idleTimeoutMs: 240_000,
    about: 'operators’ address translators forget silent flows, some after minutes',
  },
  { name: 'cloudflare', idleTimeoutMs: 100_000, about: 'closes a WebSocket that was silent for 100 seconds' },
  { name: 'aws-alb', idleTimeoutMs: 60_000, about: 'idle timeout 60 seconds unless raised on the load balancer' },
  { name: 'aws-nlb', idleTimeoutMs: 350_000, about: 'forgets a silent TCP flow after 350 seconds unless raised' },
  { name: 'azure-lb', idleTimeoutMs: 240_000, about: 'idle timeout 4 minutes unless raised' },
  { name: 'heroku', idleTimeoutMs: 55_000, about: 'closes a connection that was silent for 55 seconds' },
];

/** A known hop by name. */
export function knownHop(name: string): KnownHop | undefined {
  return knownHops.find((hop) => hop.name === name.toLowerCase());
}
