import type { NginxUpstream } from '../../effective/model.ts';
import { insertInto } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation, soundMain } from '../sound.ts';
import { workersOf } from '../workers.ts';

/** Two servers under `lines`, and a location that uses them. */
const chat = (lines: readonly string[]): string => `upstream chat {
${lines.map((line) => `    ${line}`).join('\n')}
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
server {
    listen 80 reuseport;
${soundLocation('location /ws', { pass: 'http://chat', indent: 4 })}
}`;

const main = ['worker_processes 4;', 'worker_rlimit_nofile 4352;', 'worker_shutdown_timeout 1h;'];

export const leastConnNoZone: Rule = {
  id: 'ws046-least-conn-no-zone',
  severity: 'warning',
  title: 'each worker counts connections for itself',
  why: 'least_conn, random two and max_conns go by the number of live connections, WebSockets included. Without a zone in the upstream every worker knows only its own, so they send to the same server, and max_conns counts that many times over.',
  evidence:
    'Measured with nginx 1.22.1, four workers, one of two servers having lost its connections: the next 40 go 32 and 8 without zone, 40 and 0 with it.',
  help: 'add "zone NAME 64k;" to the upstream; a reload begins to count anew all the same',
  exampleIn: 'main',
  bad: `
${soundMain({ main, http: chat(['least_conn;']) })}`,
  good: `
${soundMain({ main, http: chat(['zone chat 64k;', 'least_conn;']) })}`,
  *check(context) {
    if (context.effective.events === null || !workersOf(context).several) return;
    const upstreams = new Set(context.webSockets.map(({ proxy }) => proxy.target.upstream));
    const taken = zonesOf(context);
    for (const upstream of upstreams) {
      if (upstream?.statement == null || upstream.zone !== null) continue;
      const at = countingLine(upstream);
      if (at === undefined) continue;
      yield {
        at,
        message: `upstream ${upstream.name} has no zone, so each worker counts ${at.directive.name === 'server' ? 'max_conns' : 'connections'} for itself`,
        about: upstream,
        ...fixOf(context, upstream, taken),
      };
    }
  },
};

function countingLine({ own, servers, balancing }: NginxUpstream) {
  const several = servers.filter(({ down, backup }) => !down && !backup).length > 1;
  if (several && balancing === 'least-conn') return own.get('least_conn')?.[0];
  const random = own.get('random')?.[0];
  if (several && random?.directive.args[0] === 'two') return random;
  return servers.find(({ maxConns }) => maxConns > 0)?.statement;
}

/** Zones share one space of names with those of limits and caches: `limit_conn_zone … zone=NAME:10m`. */
function zonesOf(context: LintContext): ReadonlySet<string> {
  const lines = ['limit_conn_zone', 'limit_req_zone', 'proxy_cache_path', 'fastcgi_cache_path', 'uwsgi_cache_path'];
  const args = lines.flatMap((name) => context.statements(name).flatMap(({ directive }) => directive.args));
  return new Set(args.flatMap((arg) => /zone=([^:]+)/.exec(arg)?.[1] ?? []));
}

function fixOf(
  context: LintContext,
  { statement, name }: NginxUpstream,
  taken: ReadonlySet<string>,
): Pick<Finding, 'fix'> {
  const { directive } = statement!;
  if (context.isShared(directive)) return {};
  const zone = taken.has(name) ? `${name}_servers` : name;
  const edits = [insertInto(directive, [['zone', zone, '64k']])];
  return { fix: { title: `add zone ${zone} 64k`, safe: true, edits } };
}
