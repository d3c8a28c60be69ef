/**
 * Finds a running nginx: its master from a process id or from the port of its status page, and its configuration from
 * that.
 */
import path from 'node:path';
import { type ProcessFacts, processIds, readProcess } from '../../../host/process-facts.ts';
import { visitTcpSockets } from '../../../host/tcp-table.ts';
import { effective } from '../../effective/effective.ts';
import type { Effective } from '../../effective/model.ts';
import { textIn } from '../../effective/values.ts';
import { parseTimeMs } from '../../facts/values.ts';
import { readConfiguration } from '../../syntax/configuration.ts';
import type { ConfigReader } from '../../syntax/reader.ts';

/**
 * What the configuration says of limits. It may have changed since nginx read it: the running workers have what was
 * there then.
 */
export interface LiveConfiguration {
  readonly file: string;
  readonly workerConnections: number;
  readonly shutdownTimeoutMs: number | null;
  readonly listenPorts: readonly number[];
  readonly statusUrl: string | null;
}

/** The process itself when it is a master, its parent when it is a worker; null when it is neither. */
export function masterOf(pid: number): ProcessFacts | null {
  const found = readProcess(pid);
  if (found === null) return null;
  if (isMaster(found)) return found;
  const parent = isWorker(found) ? readProcess(found.parent) : null;
  return parent !== null && isMaster(parent) ? parent : null;
}

/**
 * The master that has the listening socket of a port of this machine; null when there is none, or it is not ours to
 * see.
 */
export function masterListeningOn(port: number): ProcessFacts | null {
  const masters = processIds().flatMap((pid) => {
    const facts = readProcess(pid);
    return facts !== null && isMaster(facts) ? [facts] : [];
  });
  return (
    masters.find(({ pid, descriptors }) => {
      let found = false;
      visitTcpSockets(pid, ({ state, localPort, inode }) => {
        if (state === 'listening' && localPort === port && descriptors?.sockets.includes(inode) === true) found = true;
      });
      return found;
    }) ?? null
  );
}

export function isWorker({ title }: ProcessFacts): boolean {
  return title.startsWith('nginx: worker process');
}

/** True for a worker that only waits for its connections to end. */
export function isOld({ title }: ProcessFacts): boolean {
  return title.includes('is shutting down');
}

/** null: there is no such file, or it is no configuration. */
export function configurationOf({ title }: ProcessFacts, reader: ConfigReader): LiveConfiguration | null {
  const file = configurationFile(title);
  const { value } = readConfiguration(file, reader);
  if (value.statements.length === 0) return null;
  const model = effective(value);
  const listens = model.servers.flatMap(({ listens: each }) => each);
  const shutdown = textIn(model, model.main, 'worker_shutdown_timeout');
  return {
    file,
    workerConnections: Number(
      textIn(model, model.events ?? model.main, 'worker_connections') ?? workerConnectionsDefault,
    ),
    shutdownTimeoutMs: shutdown === null ? null : parseTimeMs(shutdown),
    listenPorts: [...new Set(listens.flatMap(({ port }) => port ?? []))],
    statusUrl: statusUrl(model),
  };
}

/** DEFAULT_CONNECTIONS in ngx_event.c. */
const workerConnectionsDefault = 512;

/** From the command line, which the title of a master shows: `nginx: master process nginx -c FILE -p PREFIX`. */
function configurationFile(title: string): string {
  const option = (letter: string) => new RegExp(` -${letter} ?(\\S+)`).exec(title)?.[1];
  const prefix = option('p') ?? '/etc/nginx/';
  return path.resolve(prefix, option('c') ?? '/etc/nginx/nginx.conf');
}

function isMaster({ title }: ProcessFacts): boolean {
  return title.startsWith('nginx: master process');
}

function statusUrl({ locations }: Effective): string | null {
  for (const { own, server, pattern, modifier } of locations) {
    if (!own.has('stub_status') || (modifier !== '=' && modifier !== 'prefix' && modifier !== '^~')) continue;
    const listen = server.listens.find(({ port, ssl, proxyProtocol }) => port !== null && !ssl && !proxyProtocol);
    if (listen === undefined) continue;
    const address =
      listen.address === '' || listen.address === '*' || listen.address === '0.0.0.0' ? '127.0.0.1' : listen.address;
    return `http://${address}:${listen.port}${pattern}`;
  }
  return null;
}
