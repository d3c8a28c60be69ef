import type { Statement } from '../syntax/tree.ts';
import type { Listen } from './model.ts';

export interface ListenSettings {
  /** `ssl on` (before 1.25.1) and `http2 on` (since) count for every address of the server. */
  readonly ssl: boolean;
  readonly http2: boolean;
}

/** The addresses of a server; without a `listen` line nginx takes port 80. */
export function readListens(statements: readonly Statement[], settings: ListenSettings): readonly Listen[] {
  if (statements.length === 0) return [readListen(null, ['*:80'], settings)];
  return statements.map((statement) => readListen(statement, statement.directive.args, settings));
}

function readListen(statement: Statement | null, args: readonly string[], settings: ListenSettings): Listen {
  const [written = '*:80', ...parameters] = args;
  const has = (...words: string[]) => words.some((word) => parameters.includes(word));
  const value = (name: string) =>
    parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  const backlog = Number(value('backlog') ?? Number.NaN);
  return {
    statement,
    ...addressOf(written),
    ssl: has('ssl') || settings.ssl,
    http2: has('http2') || settings.http2,
    quic: has('quic'),
    reuseport: has('reuseport'),
    defaultServer: has('default_server', 'default'),
    proxyProtocol: has('proxy_protocol'),
    soKeepalive: value('so_keepalive'),
    backlog: Number.isInteger(backlog) ? backlog : null,
  };
}

function addressOf(written: string): Pick<Listen, 'address' | 'port'> {
  if (written.startsWith('unix:')) return { address: written, port: null };
  if (/^\d+$/.test(written)) return { address: '*', port: Number(written) };
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(written);
  return { address: match?.[1] ?? written, port: Number(match?.[2] ?? 80) };
}
