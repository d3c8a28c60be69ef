/**
 * Proves an import: the configuration runs in the nginx of this machine, its spec in an edge, both on free ports of
 * loopback with trial servers behind them, and each request of the table has to get the same server, path and headers
 * from both.
 */

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HoldlineError } from '../../base/error.ts';
import type { Edge } from '../../control/edge/edge.ts';
import { startEdge } from '../../control/edge/start.ts';
import type { NginxBinary } from '../../host/nginx-binary.ts';
import { effective } from '../../nginx/effective/effective.ts';
import type { Imported, ImportedSpec, ProvedRequest } from '../../nginx/import/model.ts';
import { makeTrialDirectory, startNginx, type TrialDirectory } from '../../nginx/run/start.ts';
import type { Configuration } from '../../nginx/syntax/tree.ts';
import type { SpecInput } from '../../spec/read.ts';
import { differences } from './comparison.ts';
import { listenKey, rewiredConfiguration, rewiredSpec, type TrialSpec } from './rewired.ts';
import { askPort } from './trial-client.ts';
import { startTrialServers, type TrialAddress } from './trial-servers.ts';

export interface ProvedCase {
  readonly request: ProvedRequest;
  /** What came out differently; empty for the same. */
  readonly differences: readonly string[];
}

export interface Prover {
  /** Throws verify-nginx-refused when nginx does not take the configuration. */
  readonly prove: (imported: Imported, configuration: Configuration) => Promise<readonly ProvedCase[]>;
  readonly close: () => Promise<void>;
}

export interface ProverOptions {
  readonly binary: NginxBinary;
  /** PEM texts, for listeners and servers with TLS; null: TLS cannot be tried. */
  readonly certificate: { readonly cert: string; readonly key: string } | null;
}

/** One edge takes one spec after another, so that each proof costs one start of nginx. */
export async function startProver({ binary, certificate }: ProverOptions): Promise<Prover> {
  const directory = makeTrialDirectory();
  const files = { cert: directory.file('cert.pem'), key: directory.file('key.pem') };
  if (certificate !== null) {
    writeFileSync(files.cert, certificate.cert);
    writeFileSync(files.key, certificate.key);
  }
  const plain = { address: '127.0.0.1:0' };
  const listen = certificate === null ? [plain] : [plain, { ...plain, tls: files }];
  const edge = await startEdge({
    listen,
    workers: 1,
    upstreams: { none: { servers: 'http://127.0.0.1:9' } },
    routes: { upstream: 'none' },
  });
  return {
    prove: (imported, configuration) =>
      proveOne({ binary, directory, files, certificate, edge, listen }, imported, configuration),
    async close() {
      await edge.close({ graceMs: 0 });
      directory.remove();
    },
  };
}

interface Trial {
  readonly binary: NginxBinary;
  readonly directory: TrialDirectory;
  readonly files: { readonly cert: string; readonly key: string };
  readonly certificate: ProverOptions['certificate'];
  readonly edge: Edge;
  readonly listen: readonly object[];
}

async function proveOne(
  trial: Trial,
  { spec, requests }: Imported,
  configuration: Configuration,
): Promise<readonly ProvedCase[]> {
  if (spec === null) return [];
  if (trial.certificate === null && JSON.stringify(spec).includes('"tls"'))
    throw new HoldlineError(
      'verify-nginx-refused',
      'there is no openssl to make a certificate for the trial, and the configuration speaks TLS',
    );
  const own = makeTrialDirectory();
  const keys = [...new Set(effective(configuration).servers.flatMap(({ listens }) => listens.map(keyOf)))];
  const ports = new Map(await freePorts(keys));
  const servers = await startTrialServers(addressesOf(spec, configuration), trial.certificate);
  const only = soleServer(spec);
  const serverPort = (address: string) => servers.portOf(address === 'composed' ? only : address.replace(/:$/, ''));
  const text = rewiredConfiguration(configuration, {
    listenPort: (key) => ports.get(key) ?? 9,
    serverPort,
    certificate: trial.files,
    directory: own.path,
  });
  const nginx = await startNginx({ binary: trial.binary, text, directory: own, ports: [...ports.values()] }).catch(
    async (error: unknown) => {
      await servers.close();
      own.remove();
      throw error;
    },
  );
  try {
    await applied(trial, rewiredSpec(spec, trial.listen, serverPort));
    const stands = (port: number) =>
      addressesOf(spec, configuration).find(({ address }) => serverPort(address) === port)?.address ?? null;
    const cases: ProvedCase[] = [];
    for (const request of requests) {
      const port =
        ports.get([...ports.keys()].find((key) => key.endsWith(`:${request.port}`)) ?? '') ?? [...ports.values()][0]!;
      const edgePort = trial.edge.addresses[request.scheme === 'https' ? 1 : 0]!.port!;
      const [theirs, ours] = [await askPort(port, request), await askPort(edgePort, request)];
      cases.push({ request, differences: differences(theirs, ours, { spec, request, stands, trialPort: port }) });
    }
    return cases;
  } finally {
    await nginx.close();
    await servers.close();
    own.remove();
  }
}

/** The workers take a new spec a moment after it was accepted; a host of its own shows when. */
async function applied({ edge }: Trial, spec: TrialSpec): Promise<void> {
  const host = `${randomUUID()}.invalid`;
  const marker = { match: { host }, upstream: Object.keys(spec.upstreams)[0]! };
  const outcome = await edge.apply({ ...spec, routes: [...spec.routes, marker] } as SpecInput);
  const refused = outcome.diagnostics.find(({ severity }) => severity === 'error');
  if (refused !== undefined) throw new Error(`the edge does not take the spec: ${refused.message}`);
  const request: ProvedRequest = {
    kind: 'plain',
    scheme: 'http',
    port: null,
    host,
    path: '/',
    query: '',
    origin: null,
  };
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await delay(10))
    if ((await askPort(edge.addresses[0]!.port!, request)).seen !== null) return;
  throw new Error('the edge does not take the spec within 10 s');
}

function keyOf({ address, port }: { readonly address: string; readonly port: number | null }): string {
  return listenKey(port === null ? address : `${address}:${port}`);
}

/** Every address that the spec or the configuration names; those with https speak TLS. */
function addressesOf(spec: ImportedSpec, configuration: Configuration): TrialAddress[] {
  const fromSpec = Object.values(spec.upstreams).flatMap(({ servers }) =>
    servers.map((server) => addressIn(typeof server === 'string' ? server : server.url)),
  );
  const asked = spec.routes.flatMap(({ handshake }) =>
    handshake?.authorize === undefined ? [] : [addressIn(handshake.authorize.url)],
  );
  const model = effective(configuration);
  const grouped = [...model.upstreams.values()].flatMap(({ servers }) =>
    servers.map(({ address }) => ({ address, tls: false })),
  );
  const direct = model.locations.flatMap(({ handler }) =>
    handler.kind === 'proxy' && handler.target.upstream === null
      ? [{ address: handler.target.authority.replace(/:$/, ''), tls: handler.target.scheme === 'https' }]
      : [],
  );
  return [...fromSpec, ...asked, ...direct, ...grouped];
}

function addressIn(url: string): TrialAddress {
  if (url.startsWith('unix:')) return { address: url, tls: false };
  return { address: /^https?:\/\/([^/]*)/.exec(url)?.[1] ?? url, tls: url.startsWith('https:') };
}

function soleServer({ upstreams }: ImportedSpec): string {
  const first = Object.values(upstreams)[0]?.servers[0];
  return first === undefined ? '' : addressIn(typeof first === 'string' ? first : first.url).address;
}

async function freePorts(keys: readonly string[]): Promise<[string, number][]> {
  const held = await Promise.all(
    keys.map(async () => {
      const server = net.createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return keys.map((key, index) => [key, ports[index]!]);
}
