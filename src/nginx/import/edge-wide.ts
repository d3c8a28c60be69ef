/** What holds for the whole edge: trusted proxies, the size of heads, workers, the end. */
import { formatDuration, formatSize } from '../../base/units.ts';
import type { Scope, Server } from '../effective/model.ts';
import { valueIn } from '../effective/values.ts';
import { parseSizeBytes, parseTimeMs } from '../facts/values.ts';
import type { ImportedSpec } from './model.ts';
import type { ImportTask } from './task.ts';

export function edgeWide(
  task: ImportTask,
  servers: readonly Server[],
  spec: Omit<ImportedSpec, 'routes' | 'upstreams'>,
): void {
  trustedProxies(task, servers, spec);
  heads(task, servers, spec);
  processes(task, spec);
}

function trustedProxies(
  { model, ledger }: ImportTask,
  servers: readonly Server[],
  spec: Omit<ImportedSpec, 'routes' | 'upstreams'>,
): void {
  const blocks = new Set<string>();
  for (const scope of scopesOf(servers)) {
    for (const statement of valueIn(model, scope, 'set_real_ip_from').statements) {
      const [block = ''] = statement.directive.args;
      if (/^[0-9a-f:.]+(?:\/\d+)?$/i.test(block) || block === 'unix:') {
        blocks.add(block.toLowerCase());
        ledger.kept(statement, `trustedProxies: ${block}, for all routes`);
      } else ledger.lost(statement, 'the edge trusts addresses, not names; write the address');
    }
    for (const statement of valueIn(model, scope, 'real_ip_header').statements) {
      const [header = ''] = statement.directive.args;
      if (/^(?:x-forwarded-for|forwarded|proxy_protocol)$/i.test(header))
        ledger.kept(statement, 'the edge reads X-Forwarded-For, Forwarded and the PROXY protocol of trusted proxies');
      else
        ledger.lost(
          statement,
          `the edge reads X-Forwarded-For and Forwarded, not ${header}; let the proxy in front send X-Forwarded-For, as most do anyway`,
        );
    }
    for (const statement of valueIn(model, scope, 'real_ip_recursive').statements)
      if (statement.directive.args[0] === 'on')
        ledger.kept(statement, 'the edge passes over all trusted proxies, from the right');
      else
        ledger.notNeeded(
          statement,
          'the edge passes over all trusted proxies, which ends at the same address where there is one',
        );
  }
  if (blocks.size > 0) spec.trustedProxies = [...blocks];
}

function heads(
  { model, ledger }: ImportTask,
  servers: readonly Server[],
  spec: Omit<ImportedSpec, 'routes' | 'upstreams'>,
): void {
  let most = 0;
  for (const server of servers)
    for (const statement of valueIn(model, server, 'large_client_header_buffers').statements) {
      const [count = '', size = ''] = statement.directive.args;
      most = Math.max(most, Number(count) * (parseSizeBytes(size) ?? 0));
      ledger.kept(statement, 'limits.head, at most 64k');
    }
  // The whole head; half of what nginx takes is the edge's default.
  if (most > 0) spec.limits = { head: formatSize(Math.min(65_536, Math.max(1024, most))) };
}

function processes({ model, ledger }: ImportTask, spec: Omit<ImportedSpec, 'routes' | 'upstreams'>): void {
  const own = (name: string) => model.main.own.get(name)?.at(-1);
  const workers = own('worker_processes');
  const count = Number(workers?.directive.args[0]);
  if (workers !== undefined && Number.isInteger(count) && count >= 1 && count <= 256) {
    spec.workers = count;
    ledger.kept(workers, `workers: ${count}`);
  } else if (workers !== undefined) ledger.kept(workers, 'workers: auto, which is the default');
  const shutdown = own('worker_shutdown_timeout');
  const ms = parseTimeMs(shutdown?.directive.args[0] ?? '');
  if (shutdown === undefined || ms === null) return;
  spec.drain = { deadline: formatDuration(ms) };
  ledger.kept(shutdown, `drain.deadline: ${formatDuration(ms)}; a reload of the edge keeps its connections`);
}

function scopesOf(servers: readonly Server[]): readonly Scope[] {
  return servers.flatMap((server): Scope[] => [server, ...server.locations]);
}
