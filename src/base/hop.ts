/** What lies between a browser and a server, and how long each lets a silent connection live by default. */

export interface Hop {
  readonly name: string;
  /** Longest silence it tolerates; null: it has no such limit. */
  readonly idleTimeoutMs: number | null;
}

/** How a silent connection ends: with a close frame, an orderly end of the stream, a reset, or without a word. */
export type SilentEnd = 'close-frame' | 'fin' | 'reset' | 'black-hole';

export interface KnownHop extends Hop {
  /** As people call it. */
  readonly label: string;
  /** One clause that says where the number is from. */
  readonly about: string;
  /** How such a hop ends a connection; absent when it may do so in any way. */
  readonly ends?: readonly SilentEnd[];
  /** What is raised there, where it has a name. */
  readonly setting?: string;
}

/**
 * Hops that may be written by name alone, and that a measured timeout is held against: of two with the same number, the
 * likelier one is first. Their makers may change them; the number can be written, too.
 */
export const knownHops: readonly KnownHop[] = [
  {
    name: 'browser',
    idleTimeoutMs: null,
    label: 'a browser',
    about: 'browsers keep silent sockets open; the networks beneath do not',
  },
  {
    name: 'haproxy-sample',
    idleTimeoutMs: 30_000,
    label: 'HAProxy or a framework',
    about: '30 s is the timeout of many sample configurations',
  },
  {
    name: 'haproxy',
    idleTimeoutMs: 50_000,
    label: 'HAProxy',
    about: 'Debian’s haproxy.cfg sets timeout client and timeout server to 50 s, and timeout tunnel is not set',
    setting: 'timeout tunnel',
  },
  {
    name: 'heroku',
    idleTimeoutMs: 55_000,
    label: 'Heroku’s router',
    about: 'it ends connections that were quiet for 55 s',
  },
  {
    name: 'nginx',
    idleTimeoutMs: 60_000,
    label: 'nginx',
    about: 'proxy_read_timeout is 60 s unless it is set, and nginx sends no close frame',
    ends: ['fin', 'reset'],
    setting: 'proxy_read_timeout',
  },
  {
    name: 'aws-alb',
    idleTimeoutMs: 60_000,
    label: 'an AWS Application Load Balancer, or the server',
    about: 'both are set to 60 s by default',
  },
  {
    name: 'cloudflare',
    idleTimeoutMs: 100_000,
    label: 'Cloudflare',
    about: 'it ends connections that were quiet for 100 s',
  },
  {
    name: 'iis',
    idleTimeoutMs: 120_000,
    label: 'IIS or a framework',
    about: '120 s is the default of IIS and of several frameworks',
  },
  {
    name: 'azure-app-service',
    idleTimeoutMs: 230_000,
    label: 'Azure App Service',
    about: 'its load balancer lets go after 230 s',
  },
  {
    name: 'azure-lb',
    idleTimeoutMs: 240_000,
    label: 'an Azure load balancer',
    about: 'its idle timeout is 4 minutes by default',
  },
  {
    name: 'mobile-nat',
    idleTimeoutMs: 240_000,
    label: 'a mobile operator’s address translator',
    about: 'some forget silent flows after minutes',
    ends: ['reset', 'black-hole'],
  },
  {
    name: 'envoy',
    idleTimeoutMs: 300_000,
    label: 'Envoy or Istio',
    about: 'stream_idle_timeout is 5 minutes by default',
    setting: 'stream_idle_timeout',
  },
  {
    name: 'aws-nlb',
    idleTimeoutMs: 350_000,
    label: 'an AWS Network Load Balancer or NAT gateway',
    about: 'both forget connections after 350 s',
    ends: ['reset', 'black-hole'],
  },
  {
    name: 'aws-api-gateway',
    idleTimeoutMs: 600_000,
    label: 'AWS API Gateway or a Google Cloud firewall',
    about: 'both let go after 10 minutes',
  },
  {
    name: 'an-hour',
    idleTimeoutMs: 3_600_000,
    label: 'HAProxy or Envoy',
    about: 'an hour is what both are often set to for tunnels',
  },
];

/** A known hop by name. */
export function knownHop(name: string): KnownHop | undefined {
  return knownHops.find((hop) => hop.name === name.toLowerCase());
}
