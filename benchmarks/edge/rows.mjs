// What is measured: a table. A target is the most that Holdline may take, as a ratio to nginx in the same run.

/** The same for every proxy: how many events a wake-up finds depends on it, and with that the cost of a message. */
export const messageConnections = 64;
/** Each message of 1 MB fills the kernel's buffers of its connection: more of them would only measure memory traffic. */
export const largeMessageConnections = 8;

const messages = (id, what, payloadBytes, depth, target, connections = messageConnections) => ({
  id,
  what,
  kind: 'messages',
  unit: 'µs of processor time per message',
  short: 'µs',
  target,
  options: { payloadBytes, depth, connections },
});

/** `id` is what --only takes, `kind` says how it is measured (measure.mjs). */
export const rows = [
  messages('64x1', '64 B, depth 1', 64, 1, 1.3),
  messages('64x16', '64 B, depth 16', 64, 16, 0.9),
  messages('4kx1', '4 KB, depth 1', 4096, 1, 0.65),
  messages('4kx4', '4 KB, depth 4', 4096, 4, 0.65),
  messages('16kx1', '16 KB, depth 1', 16_384, 1, 0.45),
  messages('16kx4', '16 KB, depth 4', 16_384, 4, 0.45),
  messages('1mx1', '1 MB, depth 1', 1 << 20, 1, 0.6, largeMessageConnections),
  {
    id: 'handshake',
    what: 'handshake',
    kind: 'handshakes',
    unit: 'µs of processor time per handshake',
    short: 'µs',
    target: 2.2,
    options: { count: 1500, warmCount: 3000, againCount: 300, atOnce: 32 },
  },
  {
    id: 'idle',
    what: 'idle connection',
    kind: 'idle',
    unit: 'kB of user memory per connection',
    short: 'kB',
    target: 0.4,
    options: { count: 5000, warmCount: 300, atOnce: 100 },
  },
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
