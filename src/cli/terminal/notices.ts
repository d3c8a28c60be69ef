import { printable } from '../../base/printable.ts';
import type { EdgeEvent } from '../../control/log/notices.ts';

/** What people at the terminal are told of an event; null for what only the log and the counts show. */
export function noticeText(event: EdgeEvent): string | null {
  switch (event.kind) {
    case 'refused':
      return printable(
        `refused  ${event.clientAddress} ${event.host}${event.path}: ${event.outcome}${event.status === null ? '' : ` (${event.status})`}, ${event.detail}`,
      );
    case 'server-unreachable':
      return printable(`server   ${event.server} cannot be reached: ${event.detail}`);
    case 'suppressed':
      return `         and ${event.count} more refusals`;
    case 'hook-failed':
      return printable(
        `hook     ${event.hook} failed${event.route === null ? '' : ` on ${event.route}`}: ${event.message}${event.suppressed === 0 ? '' : ` (and ${event.suppressed} times since the last line)`}`,
      );
    case 'hooks-loaded':
      return printable(`hooks    ${event.file} was loaded anew`);
    case 'hooks-kept':
      return printable(`hooks    those from before go on: ${event.message}`);
    case 'sockets-public':
      return printable(
        `sockets  Node ${event.node} cannot be used directly (${event.problem}); its streams are used, which carry fewer messages`,
      );
    case 'fault': {
      const what = event.ends === 'socket' ? 'one connection was cut' : 'its worker ends in order and is replaced';
      const stack = event.stack === null ? event.message : event.stack;
      return [`fault    a fault of Holdline's own; ${what}. Please report it:`, ...stack.split('\n')]
        .map(printable)
        .join('\n');
    }
    case 'worker-silent':
      return `worker   ${event.worker} has not reported for ${event.silentMs / 1000} s; it is ended in ${event.endsInMs / 1000} s unless it does`;
    case 'worker-crashed':
      return `worker   ${event.worker} died (${event.how}); ${event.lost} connections were lost; a new one starts ${when(event.restartInMs)}`;
    case 'worker-not-started':
      return `worker   did not start (${printable(event.message)}); again ${when(event.restartInMs)}`;
    case 'instance-ready':
      return `started  ${name(event)} on ${event.url}`;
    case 'instance-ended':
      return `ended    ${name(event)} (${printable(event.how)}); it starts again ${when(event.restartInMs)}`;
    case 'instance-output':
      return `${name(event)} | ${printable(event.line)}`;
    case 'events-dropped':
      return `log      ${event.count} lines were lost: the log was too slow`;
    case 'reloaded':
      return `reloaded ${printable(event.changed.join('; '))}`;
    case 'log-reopened':
      return printable(`log      ${event.file} was opened anew`);
    case 'log-kept':
      return printable(`log      ${event.file} cannot be opened anew (${event.message}); the file from before goes on`);
    case 'signal-ignored':
      return `signal   ${event.signal} does nothing: ${event.why}`;
    case 'open':
    case 'close':
    case 'worker-ready':
      return null;
  }
}

function name(event: { readonly upstream: string; readonly instance: number }): string {
  return printable(`${event.upstream}/${event.instance}`);
}

function when(ms: number): string {
  return ms === 0 ? 'at once' : `in ${ms / 1000} s`;
}
