/**
 * What the tests of faults share: a configuration with its addresses replaced, a real nginx, and a look at what it
 * does.
 */
import tls from 'node:tls';
import type { LintOptions } from '../../../src/nginx/lint/rule.ts';
import { testCertificate } from '../../support/certificate.ts';
import { type NginxOptions, type RunningNginx, startNginx } from './nginx.ts';
import { type Exchange, exchange, startTestServer, type TestServer, webSocketHeaders } from './upgrade.ts';

export interface Seen {
  readonly nginx: RunningNginx;
  readonly port: number;
  /** What nginx was started with. */
  readonly conf: string;
  /** Behind the ports 9000, 9001 and 9002 of the examples. */
  readonly servers: readonly TestServer[];
}

export interface Fault {
  /** How the bad configuration behaves, in a word, and how the mended one does. */
  readonly bad: string;
  readonly mended: string;
  readonly look: (seen: Seen) => Promise<string>;
  /** Changes to the example, before it is linted. */
  readonly change?: (text: string) => string;
  /** Changes to what nginx gets: hours made seconds. */
  readonly scale?: (text: string) => string;
  readonly options?: LintOptions;
  readonly fix?: 'all' | 'good';
  readonly upgrades?: (head: string) => boolean;
  /** What stands behind port 9000 instead of the usual server. */
  readonly backend?: () => Promise<{ readonly port: number; readonly close: () => Promise<void> }>;
  readonly logLevel?: NginxOptions['logLevel'];
}

const open: { close: () => Promise<unknown> }[] = [];

/** Ends all that was started and opened since. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

/** A handshake that ends with the test. */
export async function shake(
  port: number,
  path = '/ws',
  headers: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  const connection = await exchange(port, path, { ...webSocketHeaders, ...headers });
  open.push({ close: async () => connection.socket.destroy() });
  return connection;
}

/** What nginx says when it does not start, as far as a test looks for it. */
const refusals = /invalid URL prefix|"proxy_busy_buffers_size" must be less/;

/** Starts nginx with the file, its addresses put in the place of the example's, and looks. */
export async function seen(
  text: string,
  { look, upgrades, backend, scale = (each) => each, logLevel }: Fault,
): Promise<string> {
  const servers: TestServer[] = [];
  for (let i = 0; i < 3; i++) {
    servers.push(await startTestServer(upgrades === undefined ? {} : { upgrades }));
    open.push(servers[i]!);
  }
  const special = await backend?.();
  if (special !== undefined) open.push(special);
  const backends = [special?.port ?? servers[0]!.port, servers[1]!.port, servers[2]!.port];
  const conf = (ports: readonly number[], directory: string) =>
    scale(
      backends
        .reduce((done, port, index) => done.replaceAll(`127.0.0.1:${9000 + index}`, `127.0.0.1:${port}`), text)
        .replace(/listen \d+/g, () => `listen 127.0.0.1:${ports[0]}`)
        .replaceAll(/\/var\/(?:cache|log)\/nginx\//g, `${directory}/`),
    );
  try {
    const files = { 'app.pem': testCertificate.cert, 'app.key': testCertificate.key };
    const nginx = await startNginx({ conf, files, ...(logLevel !== undefined && { logLevel }) });
    open.push(nginx);
    return await look({ nginx, port: nginx.ports[0]!, conf: conf(nginx.ports, nginx.directory), servers });
  } catch (error) {
    const refusal = refusals.exec(String(error));
    if (refusal === null) throw error;
    return refusal[0];
  }
}

/** A TLS connection: the session it can be resumed with, or null when it was itself resumed. */
export function tlsSession(port: number, session?: Buffer | null): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
      ...(session != null && { session }),
    });
    socket.once('error', reject).once('secureConnect', () => {
      const result = socket.isSessionReused() ? null : socket.getSession()!;
      socket.destroy();
      resolve(result);
    });
  });
}
