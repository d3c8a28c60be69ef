import { isSince } from '../../../base/nginx-version.ts';
import { formatDuration } from '../../../base/units.ts';
import { parseTimeMs } from '../../facts/values.ts';
import type { Statement } from '../../syntax/tree.ts';
import { insertAfter, insertTextBefore, replaceArguments } from '../fixes/edit.ts';
import type { Finding, Rule } from '../rule.ts';
import { soundLocation, soundMain } from '../sound.ts';

/** The server of both examples. */
const server = `server {
    listen 80;
${soundLocation('location /ws', { pass: 'http://127.0.0.1:9000', indent: 4 })}
}`;

export const shutdownTimeout: Rule = {
  id: 'ws034-shutdown-timeout',
  severity: 'warning',
  title: 'after a reload old workers stay, or drop everybody at once',
  why: 'On a reload the old workers keep their WebSockets until those close. Without worker_shutdown_timeout they stay for ever, one more set with each reload, each with all its memory. With a very short one all clients are cut in the same moment and come back in the same moment.',
  evidence:
    'Seen with nginx 1.22.1: after four reloads four old workers live with 300 WebSockets each; with the timeout, 300 were closed within 25 ms. An old worker goes by the value it was started with.',
  help: 'set worker_shutdown_timeout to what a deployment may take (minutes to an hour), and let clients wait a random time before they reconnect',
  exampleIn: 'main',
  bad: `
${soundMain({ main: ['worker_processes 1;', 'worker_rlimit_nofile 4352;'], http: server })}`,
  good: `
${soundMain({ http: server })}`,
  *check(context) {
    const { main, events, http } = context.effective;
    const doubt = context.doubt(main, 'worker_shutdown_timeout');
    if (doubt === null || http?.statement == null || !isSince(context.target, since)) return;
    const timeout = context.value(main, 'worker_shutdown_timeout');
    const at = timeout.statements.at(-1);
    const first = main.own.get('worker_processes')?.at(-1) ?? events?.statement ?? http.statement;
    if (at === undefined) {
      yield {
        at: first,
        message:
          'worker_shutdown_timeout is not set: after each reload old workers stay until their last WebSocket closes',
        severity: context.webSockets.length > 0 ? 'warning' : 'info',
        ...doubt,
        ...fixOf(first),
      };
      return;
    }
    const timeoutMs = parseTimeMs(timeout.text ?? '');
    if (timeoutMs === null || context.webSockets.length === 0) return;
    if (timeoutMs < shortestMs)
      yield {
        at,
        message: `${formatDuration(timeoutMs)} after a reload every WebSocket is cut, all in the same moment`,
        fix: { title: `give them ${usual}`, safe: false, edits: [replaceArguments(at.directive, [usual])] },
      };
    else if (timeoutMs > longestMs)
      yield {
        at,
        message: `an old worker may stay for ${formatDuration(timeoutMs)} after each reload`,
        severity: 'info',
      };
  },
};

const since = [1, 11, 11] as const;

/** In less time nobody notices that a server is about to go; that is a cut, not a farewell. */
const shortestMs = 10_000;
/** A day: with one reload a day there are never more than two sets of workers. */
const longestMs = 86_400_000;
/** Most connections end by themselves within it, and a deployment is over the same hour. */
const usual = '1h';

/** It ends connections that would have gone on, so somebody has to want it. */
function fixOf({ directive }: Statement): Pick<Finding, 'fix'> {
  const line = ['worker_shutdown_timeout', usual];
  const edit =
    directive.block === null ? insertAfter(directive, [line]) : insertTextBefore(directive, [`${line.join(' ')};`, '']);
  return { fix: { title: `set worker_shutdown_timeout ${usual}`, safe: false, edits: [edit] } };
}
