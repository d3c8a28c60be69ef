import { printable } from '../../base/printable.ts';
import type { EdgeEvent } from '../../control/log/notices.ts';
import { eventText } from '../../control/log/text.ts';

/** What people at the terminal are told of an event; null for what only the log and the counts show. */
export function noticeText(event: EdgeEvent): string | null {
  if (event.kind === 'worker-ready') return null;
  const text = eventText(event);
  if (text === null) return null;
  if (event.kind === 'instance-output') return `${text.label} | ${text.sentence}`;
  // A stack is read line by line; on a line of its own each is still printable text.
  if (event.kind === 'fault')
    return [faultHead(event.ends), ...(event.stack ?? event.message).split('\n')].map(printable).join('\n');
  return `${text.label.padEnd(8)} ${text.sentence}`;
}

function faultHead(ends: 'socket' | 'worker'): string {
  const what = ends === 'socket' ? 'one connection was cut' : 'its worker shuts down and is replaced';
  return `fault    a fault of Holdline's own; ${what}. Please report it:`;
}
