import { isSince } from '../../../base/nginx-version.ts';
import { remove } from '../fixes/edit.ts';
import type { Rule } from '../rule.ts';
import { soundLocation, soundMain } from '../sound.ts';
import { hasOwnQueues, workersOf } from '../workers.ts';

/** The server of both examples; reuseport is what evens out before 1.21.6. */
const server = (listen: string): string => `server {
    listen ${listen};
${soundLocation('location /ws', { pass: 'http://127.0.0.1:9000', indent: 4 })}
}`;

const main = ['worker_processes 4;', 'worker_rlimit_nofile 4352;', 'worker_shutdown_timeout 1h;'];

export const unevenAccept: Rule = {
  id: 'ws039-uneven-accept',
  severity: 'warning',
  title: 'one worker takes most of the connections',
  why: 'With multi_accept a worker takes all that wait; with accept_mutex the same one stays in turn; before 1.21.6 the first to be woken was always the same. Connections that stay never even out, and that worker’s connections run out while others have room.',
  evidence:
    'Measured with nginx 1.22.1, 2000 WebSockets on four workers: 479 to 543 each by default, 8/67/193/1724 with multi_accept, 0/0/0/2000 with accept_mutex, 492 to 514 with reuseport.',
  help: 'take multi_accept and accept_mutex out; before 1.21.6 put reuseport on the listen',
  exampleIn: 'main',
  bad: `
${soundMain({ main, events: ['multi_accept on;'], http: server('80') })}`,
  good: `
${soundMain({ main, http: server('80 reuseport') })}`,
  *check(context) {
    const { events } = context.effective;
    // A number of workers that was not read is taken for more than one, as nearly everybody has it.
    if (events === null || context.webSockets.length === 0) return;
    if (!workersOf(context).several || hasOwnQueues(context)) return;
    for (const name of ['multi_accept', 'accept_mutex']) {
      const at = events.own.get(name)?.at(-1);
      if (at === undefined || at.directive.args[0]?.toLowerCase() !== 'on') continue;
      // Both are off by default (accept_mutex since 1.11.3).
      yield {
        at,
        message: `${name} lets one worker take most of the WebSockets`,
        fix: { title: `take ${name} out`, safe: true, edits: [remove(at.directive)] },
      };
    }
    if (isSince(context.target, [1, 21, 6])) return;
    const listens = context.webSockets.flatMap(({ location }) => location.server.listens);
    // A socket has its options once, whichever of its servers' lines says so.
    const socket = ({ address, port }: { address: string; port: number | null }) => `${address}:${port}`;
    const everywhere = context.effective.servers.flatMap((server) => server.listens);
    const ownQueues = new Set(everywhere.filter(({ reuseport }) => reuseport).map(socket));
    for (const { statement, ...listen } of listens) {
      if (ownQueues.has(socket(listen)) || statement === null) continue;
      yield { at: statement, message: 'before 1.21.6 connections pile up on one worker without reuseport' };
    }
  },
};
