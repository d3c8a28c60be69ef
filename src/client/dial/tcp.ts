/** The phases below TLS: finding addresses, and connecting to the first that answers. */
import { lookup } from 'node:dns';
import { createConnection, isIP, type Socket } from 'node:net';
import type { TcpAttempt } from './failure.ts';
import { codeOf, within } from './limit.ts';

export type DnsOutcome =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly code: string; readonly detail: string };

export type TcpOutcome =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly attempts: readonly TcpAttempt[] };

interface Limit {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Most addresses that are tried for one name: a name with hundreds would be tried for minutes. */
const addressesMax = 8;

/** The system's resolver, /etc/hosts included. */
export function resolveHost(host: string, limit: Limit): Promise<DnsOutcome> {
  if (isIP(host) !== 0) return Promise.resolve({ ok: true, addresses: [host] });
  return within<DnsOutcome>(
    limit,
    (done) => {
      lookup(host, { all: true, verbatim: true }, (error, found) => {
        if (error !== null)
          done({ ok: false, code: codeOf(error), detail: `the name ${host} cannot be resolved: ${codeOf(error)}` });
        else done({ ok: true, addresses: found.slice(0, addressesMax).map(({ address }) => address) });
      });
      return () => undefined;
    },
    (why) => ({
      ok: false,
      code: why,
      detail: why === 'timeout' ? `the resolver did not answer for ${host} in time` : 'the dial was aborted',
    }),
  );
}

export async function connectTcp(
  addresses: readonly string[],
  options: Limit & { readonly port: number; readonly localAddress: string | undefined },
): Promise<TcpOutcome> {
  const attempts: TcpAttempt[] = [];
  for (const address of addresses) {
    const { port, localAddress } = options;
    const shown = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    const outcome = await open(shown, options, () =>
      createConnection({
        host: address,
        port,
        noDelay: true,
        ...(localAddress === undefined ? {} : { localAddress }),
      }),
    );
    if (outcome.ok) return outcome;
    attempts.push({ address: shown, code: outcome.code });
    if (outcome.code === 'aborted') break;
  }
  return refused(attempts);
}

export async function connectUnix(path: string, limit: Limit): Promise<TcpOutcome> {
  const outcome = await open(path, limit, () => createConnection({ path }));
  return outcome.ok ? outcome : refused([{ address: path, code: outcome.code }]);
}

type Opened =
  | { readonly ok: true; readonly socket: Socket; readonly address: string }
  | { readonly ok: false; readonly code: string };

async function open(address: string, limit: Limit, create: () => Socket): Promise<Opened> {
  let socket: Socket;
  try {
    socket = create();
  } catch (error) {
    // Node throws, instead of failing later, for a port or a local address that cannot be one.
    return { ok: false, code: codeOf(error) };
  }
  return await within<Opened>(
    limit,
    (done) => {
      const onConnect = () => done({ ok: true, socket, address });
      // Stays: until the next phase listens, an error must find somebody.
      socket.on('error', (error) => done({ ok: false, code: codeOf(error) }));
      socket.on('connect', onConnect);
      return () => socket.off('connect', onConnect);
    },
    (why) => {
      socket.destroy();
      return { ok: false, code: why };
    },
  );
}

function refused(attempts: readonly TcpAttempt[]): TcpOutcome {
  const shown = attempts.map(({ address, code }) => `${address} (${code})`).join(', ');
  const detail = attempts.length === 0 ? 'there is no address to connect to' : `cannot connect to ${shown}`;
  return { ok: false, code: attempts.at(-1)?.code ?? 'ENOTFOUND', detail, attempts };
}
