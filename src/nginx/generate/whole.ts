/** The statements of a file: a whole nginx.conf, or a fragment for the http block of one that exists. */
import { formatDuration } from '../../base/units.ts';
import { has } from './gates.ts';
import { limitZones } from './limits.ts';
import { why } from './locations.ts';
import { logging } from './log.ts';
import { maps } from './maps.ts';
import { blockNode, type GeneratedLine, line, type Node } from './nodes.ts';
import { common, servers } from './servers.ts';
import { type GenerateTask, listenCount } from './site.ts';
import { upstreams } from './upstreams.ts';

export function statements(task: GenerateTask): Node[] {
  return task.form === 'whole' ? wholeConfiguration(task) : httpBlock(task);
}

/** Directives that a fragment cannot have, because they belong outside http. */
export function outsideHttp({ plan, site }: GenerateTask): GeneratedLine[] {
  const { workers, workerConnections } = plan.workers;
  const { workerShutdownTimeout } = plan.timeouts;
  return [
    line(workers.name, [workers.value], why(workers)),
    line('worker_rlimit_nofile', [descriptors({ plan, site })], why(plan.workers.workerRlimitNofile)),
    line(workerShutdownTimeout.name, [formatDuration(workerShutdownTimeout.value)], why(workerShutdownTimeout)),
    blockNode(
      'events',
      [],
      'epoll is chosen by itself; multi_accept and accept_mutex stay off, because with them one worker gets most connections',
      [line(workerConnections.name, [workerConnections.value], why(workerConnections))],
    ),
  ];
}

function wholeConfiguration(task: GenerateTask): Node[] {
  const { site } = task;
  const outside = outsideHttp(task);
  return [
    ...(site.user === null
      ? []
      : [line('user', [site.user], 'the workers need no rights; the master opens ports, logs and keys before')]),
    line('pid', [site.paths.pid], 'where the unit file looks for it'),
    line(
      'error_log',
      [site.paths.errorLog, site.tellsOpenings === true ? 'info' : 'warn'],
      site.tellsOpenings === true
        ? 'info names the connections that were silent too long; whoever follows the log tells them from the others'
        : 'warn says when connections run short; idle cuts are written at info, so they are found in the access log, by life',
    ),
    ...outside.slice(0, -1),
    outside.at(-1)!,
    blockNode('http', [], 'everything that clients meet', httpBlock(task)),
  ];
}

function httpBlock(task: GenerateTask): Node[] {
  return [
    ...maps(task),
    ...limitZones(task),
    // nginx knows a log format only below the line that defines it.
    ...logging(task),
    ...(task.form === 'whole' ? [{ heading: 'How clients are treated, on every host.' }, ...common(task)] : []),
    ...upstreams(task),
    ...servers(task),
  ];
}

/** With reuseport every worker inherits the sockets of all workers, one set for each. */
function descriptors({ plan, site }: Pick<GenerateTask, 'plan' | 'site'>): number {
  const { workers, workerRlimitNofile } = plan.workers;
  const inherited =
    workers.value > 1 && !has(plan.version, 'evenAccept') ? workers.value * listenCount(site, 'whole') : 0;
  return workerRlimitNofile.value + inherited;
}
