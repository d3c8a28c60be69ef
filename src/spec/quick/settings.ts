/**
 * What `holdline up --to` takes as options: the settings that are wanted most, and where each of them stands in a spec.
 */

export interface QuickSetting {
  /** Name of the option in a program. */
  readonly key: string;
  readonly flag: string;
  /** Where it stands; `routes` is the one route. */
  readonly at: readonly string[];
  /** What a spec says beside it, for whoever begins a file with it. */
  readonly note: string;
  /** What stands in the file as a comment while nothing was said; undefined leaves it out. */
  readonly otherwise?: unknown;
}

const app = ['upstreams', 'app'];

/** In the order of a spec. Where one place is within another, the inner one comes first. */
export const quickSettings: readonly QuickSetting[] = [
  { key: 'listenTls', flag: '--listen, --cert and --key', at: ['listen'], note: 'where clients connect, over TLS' },
  { key: 'listen', flag: '--listen', at: ['listen'], note: 'where clients connect', otherwise: '0.0.0.0:8080' },
  {
    key: 'trust',
    flag: '--trust',
    at: ['trustedProxies'],
    note: 'proxies in front whose word on the client’s address is believed',
    otherwise: ['10.0.0.0/8'],
  },
  { key: 'token', flag: '--token', at: ['control', 'token'], note: 'better in HOLDLINE_TOKEN' },
  {
    key: 'control',
    flag: '--control',
    at: ['control', 'address'],
    note: 'the control API and its page',
    otherwise: '127.0.0.1:4653',
  },
  { key: 'workers', flag: '--workers', at: ['workers'], note: 'processes; one for each core', otherwise: 'auto' },
  { key: 'to', flag: '--to', at: [...app, 'servers'], note: 'URLs, or unix:/run/app.sock' },
  {
    key: 'balance',
    flag: '--balance',
    at: [...app, 'balance'],
    note: 'or round-robin, random-two, sticky-cookie, { hash: ip }',
    otherwise: 'least-connections',
  },
  {
    key: 'health',
    flag: '--health',
    at: [...app, 'health'],
    note: 'a path that is asked for every 5 s',
    otherwise: '/healthz',
  },
  { key: 'upstream', flag: '--to', at: ['routes', 'upstream'], note: 'everything goes to these servers' },
  {
    key: 'path',
    flag: '--to',
    at: ['routes', 'path', 'prefix'],
    note: 'in front of the path that servers are asked for',
  },
  {
    key: 'origin',
    flag: '--origin',
    at: ['routes', 'origins'],
    note: 'pages that may connect, as ["https://app.example.com"]; any lets in every page',
  },
  {
    key: 'heartbeat',
    flag: '--heartbeat',
    at: ['routes', 'heartbeat'],
    note: 'pings from the edge; off for none',
    otherwise: '25s',
  },
  {
    key: 'idleTimeout',
    flag: '--idle-timeout',
    at: ['routes', 'idleTimeout'],
    note: 'longest time without a message',
    otherwise: '7m',
  },
  { key: 'lifetime', flag: '--lifetime', at: ['routes', 'lifetime'], note: 'longest age', otherwise: '24h' },
  {
    key: 'rate',
    flag: '--rate',
    at: ['routes', 'handshake', 'rate'],
    note: 'handshakes of one client address',
    otherwise: '20/s',
  },
  {
    key: 'authorize',
    flag: '--authorize',
    at: ['routes', 'handshake', 'authorize'],
    note: 'asked before every upgrade: 2xx lets in',
    otherwise: 'http://127.0.0.1:9001/authorize',
  },
  {
    key: 'connections',
    flag: '--connections',
    at: ['routes', 'limits', 'connections'],
    note: 'at once, all clients together',
    otherwise: 50_000,
  },
  { key: 'perIp', flag: '--per-ip', at: ['routes', 'limits', 'perIp'], note: 'of one client address', otherwise: 50 },
  {
    key: 'maxMessage',
    flag: '--max-message',
    at: ['routes', 'limits', 'message'],
    note: 'largest message; off for any',
    otherwise: '1m',
  },
];
