import { ask } from './api.ts';
import { confirmThat, problemText } from './dialog.ts';
import { count } from './shown.ts';

export interface Preview {
  readonly preview: string;
  readonly count: number;
}

/** Close codes and reasons as the close frame can carry them; the edge checks them again. */
const closeFields = [
  { name: 'code', label: 'Close code', value: '1008', pattern: '[0-9]{4}' },
  { name: 'reason', label: 'Reason', value: '' },
] as const;

export function connections(number: number): string {
  return `${count(number)} connection${number === 1 ? '' : 's'}`;
}

export function previewOf(q: string): Promise<Preview> {
  return ask<Preview>('POST', '/previews', { filter: q === '' ? {} : { q }, all: q === '' });
}

/** The edge keeps the list: closed are the connections that were counted, and nobody who came meanwhile. */
export async function kickMany(q: string): Promise<void> {
  const { preview, count: number } = await previewOf(q);
  confirmThat({
    title: 'Close connections',
    sentence: `${connections(number)} ${number === 1 ? 'matches' : 'match'} ${q === '' ? 'an empty filter: everybody' : q}. These are closed, and no others.`,
    fields: closeFields,
    act: `Close ${connections(number)}`,
    carryOut: async ({ code, reason }) => {
      const { closed } = await ask<{ closed: number }>('POST', '/connections/close', {
        preview,
        code: Number(code),
        reason,
      });
      return `${connections(closed)} closed.`;
    },
  });
}

export async function sendMany(q: string): Promise<void> {
  const { preview, count: number } = await previewOf(q);
  confirmThat({
    title: 'Send a message',
    sentence: `${connections(number)} ${number === 1 ? 'gets' : 'get'} it, once, between two messages.`,
    fields: [{ name: 'text', label: 'Message', value: '' }],
    act: `Send to ${connections(number)}`,
    carryOut: async ({ text }) => {
      const { sent, queued, full } = await ask<{ sent: number; queued: number; full: number }>('POST', '/messages', {
        preview,
        text,
      });
      return `${count(sent)} sent, ${count(queued)} wait for a message that is passing${full === 0 ? '' : `, ${count(full)} had no room`}.`;
    },
  });
}

export function kickOne(id: string): void {
  confirmThat({
    title: 'Close this connection',
    sentence: id,
    fields: closeFields,
    act: 'Close it',
    carryOut: async ({ code, reason }) => {
      await ask('POST', `/connections/${encodeURIComponent(id)}/close`, { code: Number(code), reason });
      return 'Closed.';
    },
  });
}

export function sendOne(id: string): void {
  confirmThat({
    title: 'Send a message',
    sentence: id,
    fields: [{ name: 'text', label: 'Message', value: '' }],
    act: 'Send',
    carryOut: async ({ text }) => {
      const { sent, queued } = await ask<{ sent: number; queued: number }>(
        'POST',
        `/connections/${encodeURIComponent(id)}/messages`,
        { text },
      );
      return sent + queued === 1 ? 'Sent.' : 'There was no room for it, or it is closing.';
    },
  });
}

/** For buttons: a filter that is wrong says so where it is asked. */
export async function attempt(act: () => Promise<void>, complain: (text: string) => void): Promise<void> {
  try {
    await act();
  } catch (problem) {
    complain(problemText(problem));
  }
}
