/** The options of `holdline plan`: what each says about the workload or the host. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Hop, knownHop, knownHops } from '../../base/hop.ts';
import { formatVersion, versionDefault } from '../../base/nginx-version.ts';
import { parseDuration, parseRate, parseSize } from '../../base/units.ts';
import type { Workload } from '../../plan/nginx/workload.ts';
import { checked, number } from './value.ts';

export interface PlanOptions {
  readonly connections?: number;
  readonly messageRate?: number;
  readonly messageSize?: number;
  readonly tls?: boolean;
  readonly serverTls?: boolean;
  readonly cookie?: number;
  readonly servers?: number;
  readonly unixSockets?: boolean;
  readonly sourceAddresses?: number;
  /** Milliseconds; 0 for none, because commander makes an empty string of null. */
  readonly heartbeat?: number;
  readonly life?: number;
  readonly opens?: number;
  readonly reloads?: number;
  readonly generations?: number;
  readonly drain?: number;
  readonly hop?: readonly Hop[];
  readonly buffer?: number;
  readonly workers?: number;
  readonly workerConnections?: number;
  readonly cores?: number;
  readonly memory?: number;
  readonly descriptors?: number;
  readonly target?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
  readonly sums?: boolean;
}

export function addPlanOptions(command: Command): Command {
  return addWorkloadOptions(command)
    .option('--sums', 'show the arithmetic behind each number')
    .option('--markdown', 'print a document')
    .option('--json', 'print the plan as JSON');
}

/** Those that say what to plan for, without the forms of output. */
export function addWorkloadOptions(command: Command): Command {
  return command
    .option('--connections <n>', 'WebSockets open at once', number)
    .option('--message-rate <rate>', 'messages per second and connection, 1/s or 10/m', checked(parseRate))
    .option('--message-size <size>', 'bytes of a message, 512 or 16k', checked(parseSize))
    .option('--tls', 'clients speak TLS (wss)')
    .option('--server-tls', 'servers speak TLS')
    .option('--cookie <size>', 'bytes of cookies in a handshake', checked(parseSize))
    .option('--servers <n>', 'server addresses behind nginx', number)
    .option('--unix-sockets', 'servers listen on unix sockets')
    .option('--source-addresses <n>', 'local addresses that nginx connects from', number)
    .option('--heartbeat <time>', 'how often client or server sends a ping, or none', heartbeat)
    .option(
      '--hop <name[=time]>',
      `a hop on the way: ${knownHops.map((hop) => hop.name).join(', ')}, or a name with its idle timeout; repeat it`,
      hop,
    )
    .option('--life <time>', 'mean lifetime of a connection', checked(parseDuration))
    .option('--opens <rate>', 'new connections, 20/s', checked(parseRate))
    .option('--reloads <n>', 'reloads of nginx per hour', number)
    .option('--generations <n>', 'generations of workers alive at once', number)
    .option(
      '--drain <rate>',
      'connections that the application closes before old workers end, 200/s',
      checked(parseRate),
    )
    .option('--buffer <size>', 'proxy_buffer_size, instead of the planned one', checked(parseSize))
    .option('--workers <n>', 'worker_processes, instead of the planned number', number)
    .option('--worker-connections <n>', 'worker_connections, instead of the planned number', number)
    .option('--cores <n>', 'processors of the host; default: this machine', number)
    .option('--memory <size>', 'memory of the host, 8g; default: this machine', checked(parseSize))
    .option('--descriptors <n>', 'hard limit of open files of a process', number)
    .option(
      '--target <version>',
      `nginx version, 1.22.1; default: the one installed here, or ${formatVersion(versionDefault)}`,
    );
}

/** Only what was said. */
export function workloadFromOptions(options: PlanOptions): Partial<Workload> {
  const said = <Key extends keyof Workload>(key: Key, value: Workload[Key] | undefined) =>
    value === undefined ? {} : { [key]: value };
  const { heartbeat: everyMs } = options;
  return {
    ...said('connections', options.connections),
    ...said('messagesPerSecond', options.messageRate),
    ...said('messageBytes', options.messageSize),
    ...said('clientTls', options.tls),
    ...said('serverTls', options.serverTls),
    ...said('cookieBytes', options.cookie),
    ...said('servers', options.unixSockets ? null : options.servers),
    ...said('sourceAddresses', options.sourceAddresses),
    ...said('heartbeat', heartbeatOf(everyMs)),
    ...said('meanLifeMs', options.life),
    ...said('opensPerSecond', options.opens),
    ...said('reloadsPerHour', options.reloads),
    ...said('generations', options.generations),
    ...said('drainPerSecond', options.drain),
    ...said('hops', options.hop),
    pinned: {
      ...(options.buffer === undefined ? {} : { proxyBufferBytes: options.buffer }),
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      ...(options.workerConnections === undefined ? {} : { workerConnections: options.workerConnections }),
    },
  };
}

/** The answer to a ping may take as long as half the interval, at most ten seconds. */
function heartbeatOf(everyMs: number | undefined): Workload['heartbeat'] | undefined {
  if (everyMs === undefined) return undefined;
  return everyMs === 0 ? null : { everyMs, timeoutMs: Math.min(10_000, everyMs / 2) };
}

function heartbeat(text: string): number {
  return text === 'none' ? 0 : checked(parseDuration)(text);
}

function hop(text: string, before: readonly Hop[] = []): readonly Hop[] {
  const [name, time] = text.split('=');
  if (time !== undefined)
    return [...before, { name: name!, idleTimeoutMs: time === 'none' ? null : checked(parseDuration)(time) }];
  const known = knownHop(name!);
  if (known === undefined)
    throw new InvalidArgumentError(
      `"${text}" is not a hop that is known; write its idle timeout, ${text}=60s, or one of ${knownHops.map((each) => each.name).join(', ')}`,
    );
  return [...before, { name: known.name, idleTimeoutMs: known.idleTimeoutMs }];
}
