import { ask } from './api.ts';
import { confirmThat, openMessage } from './dialog.ts';
import { duration } from './shown.ts';
import { connections, previewOf } from './steer.ts';

/** What concerns a route, a server or the edge: gates and drains. Each says first how many it concerns. */

interface Drain {
  readonly total: number;
  readonly etaMs: number;
}

const paceFields = [
  { name: 'rate', label: 'Pace, as 100/s or 2%/s', value: '', placeholder: 'what the route says' },
  { name: 'code', label: 'Close code', value: '', placeholder: 'what the route says', pattern: '[0-9]{4}' },
  { name: 'reason', label: 'Reason', value: '', placeholder: 'what the route says' },
] as const;

/** What is left empty is left to the route. */
function paceOf({ rate, code, reason }: Readonly<Record<string, string>>): object {
  return {
    ...(rate ? { rate } : {}),
    ...(code ? { code: Number(code) } : {}),
    ...(reason ? { reason } : {}),
  };
}

function began({ total, etaMs }: Drain): string {
  return total === 0 ? 'Nobody is connected now.' : `Closing ${connections(total)}, for about ${duration(etaMs)}.`;
}

export function switchGate(closed: boolean, route: string | null): void {
  const whose = route === null ? 'the gate' : `the gate of ${route}`;
  const act = `${closed ? 'Close' : 'Open'} ${whose}`;
  const handshakes = route === null ? 'New handshakes' : `New handshakes on ${route}`;
  confirmThat({
    title: act,
    sentence: closed
      ? `${handshakes} are refused with 503 until it is opened. Connections that are open stay.`
      : `${handshakes} are admitted again.`,
    act,
    carryOut: async () => {
      await ask('PUT', '/gate', { closed, ...(route === null ? {} : { route }) });
      return 'Done.';
    },
  });
}

/** Closes at a pace those that were counted. */
export async function drainMany(q: string, what: string): Promise<void> {
  const { preview, count } = await previewOf(q);
  confirmThat({
    title: `Drain ${what}`,
    sentence: `${connections(count)} ${count === 1 ? 'is' : 'are'} closed at this pace, between messages. New ones are still admitted: the gate refuses those.`,
    fields: paceFields,
    act: `Drain ${connections(count)}`,
    carryOut: async (values) => began(await ask<Drain>('POST', '/drains', { preview, ...paceOf(values) })),
  });
}

export async function drainServer(
  server: { readonly url: string; readonly upstream: string },
  q: string,
): Promise<void> {
  const { count } = await previewOf(q);
  const { url, upstream } = server;
  confirmThat({
    title: `Drain ${url}`,
    sentence: `It gets no new clients, and ${connections(count)} that it has ${count === 1 ? 'is' : 'are'} closed at this pace, or moved where the route says so. They come back to the other servers of ${upstream}.`,
    fields: paceFields,
    act: 'Drain it',
    carryOut: async (values) => {
      const { drain } = await ask<{ drain: Drain }>('POST', '/servers/drain', { url, upstream, ...paceOf(values) });
      return began(drain);
    },
  });
}

export function undrainServer({ url, upstream }: { readonly url: string; readonly upstream: string }): void {
  confirmThat({
    title: `Undrain ${url}`,
    sentence: 'It gets new clients again, and a drain of it that runs is cancelled.',
    act: 'Undrain it',
    carryOut: async () => {
      const { state } = await ask<{ state: string }>('POST', '/servers/undrain', { url, upstream });
      return `It is ${state}.`;
    },
  });
}

interface Evened {
  readonly moves: number;
  readonly closes: number;
  readonly drain: Drain | null;
}

/** Asks the edge first what would be done. */
export async function evenServers(upstream: string): Promise<void> {
  const { moves, closes } = await ask<Evened>('POST', '/servers/rebalance', { upstream, dryRun: true });
  if (moves + closes === 0) return openMessage(`Even out ${upstream}`, 'No server holds more than its share.');
  confirmThat({
    title: `Even out ${upstream}`,
    sentence: `${connections(moves)} ${moves === 1 ? 'gets' : 'get'} another server and ${moves === 1 ? 'stays' : 'stay'} connected; ${connections(closes)} ${closes === 1 ? 'is' : 'are'} closed and ${closes === 1 ? 'comes' : 'come'} back to another one.`,
    fields: [paceFields[0]],
    act: 'Even out',
    carryOut: async ({ rate }) => {
      const { drain } = await ask<Evened>('POST', '/servers/rebalance', { upstream, ...(rate ? { rate } : {}) });
      return drain === null ? 'There is nothing left to do.' : `Started: ${connections(drain.total)}.`;
    },
  });
}

/** `excess`: how many the workers hold above their share. */
export function evenWorkers(excess: number): void {
  confirmThat({
    title: 'Even out the workers',
    sentence: `Some ${connections(excess)} ${excess === 1 ? 'goes' : 'go'} to another worker. Nobody is closed.`,
    act: 'Even out',
    carryOut: async () => {
      const { moved } = await ask<{ moved: number }>('POST', '/even', {});
      return `${connections(moved)} went to another worker.`;
    },
  });
}

export function cancelDrain(id: string, what: string): void {
  confirmThat({
    title: `Cancel the drain of ${what}`,
    sentence: 'What is closed stays closed; the others stay connected.',
    act: 'Cancel it',
    carryOut: async () => {
      await ask('POST', `/drains/${encodeURIComponent(id)}/cancel`);
      return 'Cancelled.';
    },
  });
}
