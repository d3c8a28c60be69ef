import type { Context } from 'hono';
import type { ControlTarget } from './target.ts';

/** Writes down who steered: into the log, and onto the timeline that everybody sees. */
export function noteSteered(target: ControlTarget, context: Context, act: string): void {
  const visitor = context.get('visitor');
  const name = visitor?.name ?? 'somebody';
  const from = addressOf(context);
  target.note({ kind: 'steered', who: `${name} from ${from}`, from, act });
}

function addressOf(context: Context): string {
  const incoming = (context.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return incoming?.socket?.remoteAddress ?? 'this process';
}

/** `1 connection`, `12 connections`. */
export function steeredConnections(count: number): string {
  return `${count} connection${count === 1 ? '' : 's'}`;
}
