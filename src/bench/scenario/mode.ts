/**
 * `echo`: the server sends each message back. `request`: it answers each message, and the answer names the message's
 * id. `fanout`: publishers send, and the server gives each message to everybody. `hold`: nothing is sent; connections
 * are opened and kept.
 */
export const benchModes = ['echo', 'request', 'fanout', 'hold'] as const;

export type BenchMode = (typeof benchModes)[number];
