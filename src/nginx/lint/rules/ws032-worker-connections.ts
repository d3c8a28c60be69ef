import type { Edit } from '../../../base/diagnostic.ts';
import { insertInto, insertTextBefore, replaceArguments } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { descriptorsSpare, descriptorsUsual, type Workers, workersOf } from '../workers.ts';

export const workerConnections: Rule = {
  id: 'ws032-worker-connections',
  severity: 'warning',
  title: 'a worker runs out of connections',
  why: 'A proxied WebSocket takes two of a worker’s connections, one to each side, for as long as it lives. When they are used up, a handshake gets 500 or its connection is closed without an answer, and other workers are not asked.',
  evidence:
    'Seen with nginx 1.22.1: worker_connections 64 with two listens carries exactly 30 WebSockets; the log says "64 worker_connections are not enough".',
  help: 'set worker_connections to more than twice the WebSockets that one worker is to hold; a connection that is not used costs some 430 bytes',
  exampleIn: 'main',
  exampleOptions: { connections: 3000 },
  bad: `
worker_processes 1;
worker_shutdown_timeout 1h;

events {
    worker_connections 768;
}

http {
    server {
        listen 80;
        location / {
            proxy_pass http://127.0.0.1:9000;
        }
    }
}`,
  good: `
worker_processes 1;
worker_rlimit_nofile 8448;
worker_shutdown_timeout 1h;

events {
    worker_connections 8192;
}

http {
    server {
        listen 80;
        location / {
            proxy_pass http://127.0.0.1:9000;
        }
    }
}`,
  *check(context) {
    const { events, http } = context.effective;
    if (events?.statement?.directive.block == null || http === null) return;
    const doubt = context.doubt(events, 'worker_connections');
    if (doubt === null) return;
    const workers = workersOf(context);
    const finding = found(context, workers);
    if (finding === undefined) return;
    yield { at: workers.statement ?? events.statement, ...finding, ...doubt, ...fixOf(context, workers) };
  },
};

function found(context: LintContext, workers: Workers): Pick<Finding, 'message' | 'severity'> | undefined {
  const { count, connections, webSocketsEach, statement } = workers;
  const wanted = context.options.connections;
  const slots = statement === null ? `${connections} connections (the default)` : `${connections} connections`;
  if (wanted !== undefined) {
    const together = webSocketsEach * (count ?? 1);
    if (together >= wanted) return undefined;
    const who = count === null ? 'one worker holds' : count === 1 ? 'the worker holds' : `${count} workers hold`;
    return {
      message: `with ${slots} ${count === 1 || count === null ? '' : 'each '}${who} at most ${together} of the ${wanted} WebSockets`,
      // How many workers "auto" gives depends on the machine.
      severity: count === null ? 'warning' : 'error',
    };
  }
  if (connections > usualMost) return undefined;
  return {
    message: `with ${slots} a worker holds at most ${webSocketsEach} proxied WebSockets`,
    severity: statement === null && context.webSockets.length > 0 ? 'warning' : 'info',
  };
}

/** The numbers that come with packages (512, 768, 1024) were made for pages, not for connections that stay. */
const usualMost = 1024;

/** What is set when nobody said how many there will be: two thousand WebSockets, for under 2 MB. */
const slotsUsual = 4096;

/** A share of slots that stays free: nginx closes idle connections when fewer than a sixteenth are left. */
const spare = 1 / 16;
/** Workers do not get exactly the same number of connections each. */
const balance = 0.9;

function fixOf(context: LintContext, workers: Workers): Pick<Finding, 'fix'> {
  const { statement, descriptors, count } = workers;
  const { events } = context.effective;
  const wanted = context.options.connections;
  const each = wanted === undefined ? 0 : (2 * wanted) / ((count ?? 1) * (count === 1 ? 1 : balance));
  const slots = wanted === undefined ? slotsUsual : Math.ceil((each * (1 + spare) + 16) / 1024) * 1024;
  const limit = slots + 4 * descriptorsSpare;
  const first = events!.statement!.directive;
  const edits: Edit[] = [
    statement === null
      ? insertInto(first, [['worker_connections', String(slots)]])
      : replaceArguments(statement.directive, [String(slots)]),
  ];
  if ((descriptors?.limit ?? descriptorsUsual) < slots + descriptorsSpare)
    edits.push(
      descriptors === null
        ? insertTextBefore(first, [`worker_rlimit_nofile ${limit};`, ''])
        : replaceArguments(descriptors.statement.directive, [String(limit)]),
    );
  // Without a number to reach, and one written, somebody may have meant it.
  // A first worker_rlimit_nofile may lower what the process was given.
  const lowers = edits.length > 1 && descriptors === null;
  const safe = !lowers && (wanted !== undefined || (statement === null && context.webSockets.length > 0));
  return { fix: { title: `set worker_connections ${slots}`, safe, edits } };
}
