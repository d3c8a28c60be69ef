/** How a handshake ended: one closed union for the decisions, the log, the metrics and the tests. */
export const handshakeOutcomes = [
  'upgraded',
  'no-route',
  'bad-handshake',
  'wrong-version',
  'other-protocol',
  'origin-refused',
  'gate-closed',
  'connection-limit',
  'address-limit',
  'rate-limit',
  'overload',
  'authorize-refused',
  'authorize-failed',
  'hook-refused',
  'hook-failed',
  'server-refused',
  'server-unreachable',
  'server-nonsense',
  'timeout',
  'client-left',
] as const;

export type HandshakeOutcome = (typeof handshakeOutcomes)[number];
