// What is measured: a table. A target is the most that Holdline may take, as a ratio to nginx in the same run.

/** The same for every proxy: how many events a wake-up finds depends on it, and with that the cost of a message. */
export const messageConnections = 200;
/**
 * Each message of 1 MB fills the kernel's buffers of its connection: more of them would only measure memory traffic.
 */
export const largeMessageConnections = 8;
/**
 * At depth 1 a proxy that waits for its clients pays for waking up: below this share of a core the figure says little.
 */
const busyShareMin = 0.9;

const messages = (id, what, { target = null, peers, ...options }) => ({
  id,
  what,
  kind: 'messages',
  unit: 'µs of processor time per message',
  short: 'µs',
  target,
  ...(peers === undefined ? {} : { peers }),
  ...(options.depth === 1 && options.payloadBytes === 64 ? { busyShareMin } : {}),
  options: { connections: messageConnections, ...options },
});

const opened = (id, what, kind, { target, ...options }) => ({
  id,
  what,
  kind,
  unit: 'µs of processor time per connection',
  short: 'µs',
  target,
  // As many at once that a proxy which is quick has more to do when it comes back from the last ones.
  options: { count: 1500, warmCount: 8000, againCount: 300, atOnce: 128, ...options },
});

/**
 * V8 gives memory back when a worker has become quiet. It looks for that every 8 s, and counts the last 5 s: so that 8
 * s after a crowd it is chance whether it has. Not so long that clients that answer no ping are taken for dead (25 s).
 */
const quietMs = 16_000;

const idle = (id, what, { target, ...options }) => ({
  id,
  what,
  kind: 'idle',
  unit: 'kB of user memory per connection',
  short: 'kB',
  target,
  options: { count: 5000, warmCount: 300, atOnce: 100, idleMs: quietMs, ...options },
});

/** Where nobody but nginx has the like of what Holdline does, or a row is about Holdline among many. */
const two = ['nginx', 'holdline'];
const crowds = [50, 500, 2000, 6000].map((connections) =>
  messages(`crowd${connections}`, `64 B, depth 1, ${connections.toLocaleString('en-GB')} connections`, {
    payloadBytes: 64,
    depth: 1,
    connections,
    target: 1.35,
    peers: two,
  }),
);

/**
 * `id` is what --only takes, `kind` says how it is measured (measure.mjs), `peers` for whom when it is not for all. Of
 * `options`, `tls` is the way to the proxy; the way on to the server is always plain.
 */
export const rows = [
  messages('64x1', '64 B, depth 1', { payloadBytes: 64, depth: 1, target: 1.3 }),
  messages('64x16', '64 B, depth 16', { payloadBytes: 64, depth: 16, target: 1 }),
  messages('4kx1', '4 KB, depth 1', { payloadBytes: 4096, depth: 1 }),
  messages('4kx4', '4 KB, depth 4', { payloadBytes: 4096, depth: 4, target: 0.42 }),
  messages('16kx1', '16 KB, depth 1', { payloadBytes: 16_384, depth: 1 }),
  messages('16kx4', '16 KB, depth 4', { payloadBytes: 16_384, depth: 4, target: 0.22 }),
  messages('1mx1', '1 MB, depth 1', {
    payloadBytes: 1 << 20,
    depth: 1,
    connections: largeMessageConnections,
    target: 0.4,
  }),
  ...crowds,
  messages('limits', '64 B, depth 4, every limit set', { payloadBytes: 64, depth: 4, path: '/limits', peers: two }),
  messages('whole', '64 B, depth 4, message mode', { payloadBytes: 64, depth: 4, path: '/whole', peers: two }),
  messages('tls64', 'TLS, 64 B, depth 4', { payloadBytes: 64, depth: 4, tls: true, target: 1.2 }),
  messages('tls4k', 'TLS, 4 KB, depth 4', { payloadBytes: 4096, depth: 4, tls: true, target: 1 }),
  opened('handshake', 'handshake', 'handshakes', { target: null }),
  opened('churn', 'opened and closed', 'churn', { target: 1.8 }),
  opened('tlsfull', 'TLS, full handshake', 'handshakes', {
    target: 1.6,
    tls: true,
    count: 500,
    warmCount: 1000,
    atOnce: 32,
  }),
  opened('tlsagain', 'TLS, resumed handshake', 'handshakes', {
    target: null,
    tls: true,
    resumed: true,
    count: 500,
    warmCount: 500,
    atOnce: 32,
  }),
  {
    id: 'storm',
    what: '5,000 at once',
    kind: 'storm',
    unit: 'seconds until all are connected; p50 and p99 of who was before',
    short: 's',
    target: null,
    options: { count: 5000, atOnce: 2000, talkers: 64, pausedMs: 50 },
  },
  idle('idle', 'idle connection', { target: 0.12 }),
  idle('idlenow', 'idle connection, at once', { target: 0.3, idleMs: 0 }),
  idle('tlsidle', 'TLS, idle connection', { target: 0.7, tls: true, count: 2000 }),
  {
    id: 'slow',
    what: 'one reader that stopped',
    kind: 'slow',
    unit: 'MB of user memory more, at most',
    short: 'MB',
    target: null,
    // nginx holds next to nothing, and a ratio to nothing says nothing.
    compared: false,
    options: { floodBytes: 64 << 20 },
  },
];
