/** Handshakes that came to nothing, in the words of the edge. */
import type { HandshakeRefusal } from '../../../gateway/contract.ts';
import type { EndLine } from '../../../nginx/run/engine/lines.ts';

type Outcome = HandshakeRefusal['outcome'];

/** By the words of the log of a generated configuration (nginx/generate/log.ts), with what is said of each. */
const outcomes: Readonly<Record<string, readonly [Outcome, string]>> = {
  refused: ['origin-refused', 'the list of origins does not have it'],
  'over-limit': ['connection-limit', 'over a limit of connections or of handshakes; nginx does not say which'],
  'no-route': ['no-route', 'no route takes it'],
  malformed: ['bad-handshake', 'nginx found the request malformed'],
  'client-left': ['client-left', 'the client left before the server had answered'],
  'no-free-connection': ['overload', 'worker_connections ran out'],
  'server-unreachable': ['server-unreachable', 'no server could be reached'],
  'server-silent': ['timeout', 'the server did not answer in time'],
  'refused-by-server': ['server-refused', 'the server or the authorizer refused it'],
  'not-upgraded': ['server-refused', 'the server answered something else'],
};

export function refusalOf(line: EndLine): HandshakeRefusal {
  const [outcome, detail] = outcomes[line.outcome ?? ''] ?? ['server-nonsense', 'the handshake failed'];
  const { status, route, client, host, path, origin } = line;
  return {
    outcome,
    detail,
    status: status === 499 ? null : status,
    route: route === '' ? null : route,
    clientAddress: client,
    host,
    path,
    origin,
  };
}
