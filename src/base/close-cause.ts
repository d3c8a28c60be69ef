/**
 * Why a connection ended: one closed union, used by the registry, the log, the metrics and the page.
 * `code` is the close code (RFC 6455, 7.4) that the edge sends when it can still send one; null means that the
 * edge passes on what an endpoint sent, or that nobody is left to be told.
 */

/** `unknown`: nginx carried the connection, and does not tell who ended it. */
export type CloseParty = 'client' | 'server' | 'edge' | 'operator' | 'unknown';

export interface CloseCauseFacts {
  readonly by: CloseParty;
  readonly code: number | null;
  readonly means: string;
}

export const closeCauses = {
  'client-close': { by: 'client', code: null, means: 'the client sent a close frame' },
  'server-close': { by: 'server', code: null, means: 'the server sent a close frame' },
  'client-gone': { by: 'client', code: 1001, means: 'the client ended its side of the socket without a close frame' },
  'client-reset': { by: 'client', code: 1001, means: 'the client’s socket broke (reset, network error)' },
  'server-gone': { by: 'server', code: 1011, means: 'the server ended its side of the socket without a close frame' },
  'server-reset': { by: 'server', code: 1011, means: 'the server’s socket broke (reset, network error)' },
  'server-lost': {
    by: 'server',
    code: 1012,
    means: 'its server was lost with many connections at once, and they were closed at a set pace',
  },
  'move-failed': {
    by: 'edge',
    code: 1012,
    means: 'its server is gone, and no other server could take it over unchanged',
  },
  'client-protocol-error': { by: 'client', code: 1002, means: 'the client broke the WebSocket protocol' },
  'server-protocol-error': { by: 'server', code: 1002, means: 'the server broke the WebSocket protocol' },
  'message-too-big': { by: 'edge', code: 1009, means: 'a message was larger than the route allows' },
  'message-rate': {
    by: 'edge',
    code: 1008,
    means: 'the client sent more than the route allows, for longer than the edge holds it back',
  },
  'slow-consumer': {
    by: 'edge',
    code: 1013,
    means: 'the receiver read almost nothing of its full buffer until the deadline',
  },
  'idle-timeout': { by: 'edge', code: 1001, means: 'no data frame passed in either direction for the idle timeout' },
  'heartbeat-lost': { by: 'edge', code: 1001, means: 'a ping from the edge was not answered in time' },
  lifetime: { by: 'edge', code: 1001, means: 'the connection reached the longest age that the route allows' },
  hook: { by: 'edge', code: 1008, means: 'a hook asked for it, or failed on a route that closes when a hook fails' },
  kick: { by: 'operator', code: 1008, means: 'an operator closed it, through the control API or the library' },
  drain: { by: 'operator', code: 1012, means: 'the edge is draining its connections at a set pace' },
  shutdown: { by: 'operator', code: 1001, means: 'the edge is shutting down' },
  fault: { by: 'edge', code: 1011, means: 'a fault in the edge hit this connection; the stack trace is in the log' },
  ended: { by: 'unknown', code: null, means: 'it ended in nginx, which does not say by whom or why' },
  'worker-crashed': { by: 'edge', code: null, means: 'the worker process that held the connection died' },
} as const satisfies Record<string, CloseCauseFacts>;

export type CloseCause = keyof typeof closeCauses;
