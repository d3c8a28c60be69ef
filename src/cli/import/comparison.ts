/** What nginx and the edge made of one request, side by side. */
import type { ImportedSpec, ProvedRequest } from '../../nginx/import/model.ts';
import type { TableAnswer } from './trial-client.ts';
import type { SeenRequest } from './trial-servers.ts';

export interface Compared {
  readonly spec: ImportedSpec;
  readonly request: ProvedRequest;
  /** The address that a port of a trial server stands for. */
  readonly stands: (port: number) => string | null;
  /** The port that nginx listens on in place of the request's own. */
  readonly trialPort: number;
}

/** Empty when both did the same. */
export function differences(theirs: TableAnswer, ours: TableAnswer, compared: Compared): readonly string[] {
  const found: string[] = [];
  const [a, b] = [theirs.seen, ours.seen];
  if (a === null || b === null) {
    // Both refuse; with which status is each one's own.
    if (a !== b || theirs.status < 400 || ours.status < 400)
      found.push(`nginx ${told(theirs)}, the edge ${told(ours)}`);
    return found;
  }
  if (theirs.status !== ours.status) found.push(`nginx answers ${theirs.status}, the edge ${ours.status}`);
  if (!areTogether(a.server, b.server, compared.spec))
    found.push(`nginx takes the server ${a.server}, the edge ${b.server}`);
  if (a.target !== b.target) found.push(`nginx asks for ${a.target}, the edge for ${b.target}`);
  found.push(...headerDifferences(a, b, compared));
  if (compared.request.kind === 'plain') found.push(...answerDifferences(theirs, ours));
  return found;
}

function told({ status, seen }: TableAnswer): string {
  return seen === null ? `answers ${status}` : 'lets it through';
}

/** The same server, or another one of the same upstream: which one it is depends on those before. */
function areTogether(a: string, b: string, { upstreams }: ImportedSpec): boolean {
  const has = (servers: ImportedSpec['upstreams'][string]['servers'], address: string) =>
    servers.some(
      (server) => (typeof server === 'string' ? server : server.url).replace(/^https?:\/\//, '') === address,
    );
  return a === b || Object.values(upstreams).some(({ servers }) => has(servers, a) && has(servers, b));
}

/** Each hop has its own of these. */
const ofTheHop = new Set(['connection', 'upgrade', 'keep-alive', 'content-length']);
/** The edge says these to every server. */
const ofTheEdge = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-real-ip',
]);

function headerDifferences(a: SeenRequest, b: SeenRequest, { stands, trialPort, request }: Compared): string[] {
  const [theirs, ours] = [tableOf(a.headers, stands), tableOf(b.headers, stands)];
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].filter((name) => !ofTheHop.has(name));
  return names.flatMap((name) => {
    const [seen, right] = [theirs.get(name), ours.get(name)];
    const left = seen === String(trialPort) ? String(request.port) : seen;
    if (left === right || (left === undefined && ofTheEdge.has(name))) return [];
    return [`nginx sends ${name}: ${left ?? '(none)'}, the edge ${right ?? '(none)'}`];
  });
}

function tableOf(raw: readonly string[], stands: Compared['stands']): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    // Without a line for it nginx sends the server's address as Host, which is the trial server's here.
    const port = name === 'host' ? /^127\.0\.0\.1:(\d+)$/.exec(raw[index + 1]!)?.[1] : undefined;
    const value = (port === undefined ? null : stands(Number(port))) ?? raw[index + 1]!;
    table.set(name, table.has(name) ? `${table.get(name)}, ${value}` : value);
  }
  return table;
}

/** Headers of the answer that the server did not send. */
const ofTheAnswer = new Set([
  'date',
  'server',
  'connection',
  'keep-alive',
  'content-length',
  'content-type',
  'transfer-encoding',
]);

function answerDifferences(theirs: TableAnswer, ours: TableAnswer): string[] {
  const tables = [theirs, ours].map(({ headers }) => new Map(headers.filter(([name]) => !ofTheAnswer.has(name))));
  const [left, right] = tables as [Map<string, string>, Map<string, string>];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
    left.get(name) === right.get(name)
      ? []
      : [`nginx answers with ${name}: ${left.get(name) ?? '(none)'}, the edge ${right.get(name) ?? '(none)'}`],
  );
}
