import { HoldlineError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { FieldName } from '../../registry/language/fields.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import { rowsThatFit, type TopScreen } from '../../report/edge/top.ts';
import type { ControlClient } from '../edge/control-client.ts';
import type { StreamMessage } from '../edge/stream.ts';

/** What `holdline top` does with keys and with what the edge says; drawing and the terminal are others' work. */
export interface TopSession {
  readonly screen: TopScreen;
  receive(message: StreamMessage): void;
  /** What the terminal sent: one key, or several when somebody types fast or pastes. Returns true when it is over. */
  keys(chunk: string): Promise<boolean>;
  /** Asks for the rows that are shown. */
  refresh(height: number): Promise<void>;
}

/** Half an hour of a wide terminal. */
const secondsKept = 1800;
const sorts: readonly FieldName[] = [
  'age',
  'idle',
  'rtt',
  'in',
  'out',
  'bytes-in',
  'bytes-out',
  'queue',
  'client',
  'route',
  'server',
];

type Mode =
  | { readonly kind: 'look' }
  | { readonly kind: 'filter'; text: string }
  | { readonly kind: 'kick'; readonly preview: string | null; readonly id: string; readonly words: string };

/** An escape sequence is one key, and so is each character outside of one. */
function keysIn(chunk: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys are what this is about
  return chunk.match(/\u001b(?:\[[0-9;]*[ -/]*[@-~]|O[@-~])?|[\s\S]/gu) ?? [];
}

export function topSession(client: ControlClient, filter: string): TopSession {
  const seconds = {
    connections: [] as number[],
    upgraded: [] as number[],
    clientMessages: [] as number[],
    serverMessages: [] as number[],
  };
  const state = {
    now: null as TopScreen['now'],
    rows: [] as readonly ConnectionRow[],
    matched: 0,
    filter,
    sort: 'age' as FieldName,
    down: true,
    chosen: 0,
    message: '',
    lost: false,
  };
  let mode: Mode = { kind: 'look' };

  function receive(message: StreamMessage): void {
    state.lost = message.kind === 'lost';
    if (message.kind === 'snapshot') {
      for (const name of Object.keys(seconds) as (keyof typeof seconds)[])
        seconds[name] = [...message.data.seconds[name]];
      state.now = message.data.now;
    } else if (message.kind === 'now') {
      state.now = message.data;
      for (const name of Object.keys(seconds) as (keyof typeof seconds)[]) {
        seconds[name].push(message.data.second?.[name] ?? 0);
        if (seconds[name].length > secondsKept) seconds[name].shift();
      }
    } else if (message.kind === 'event' && message.data.level !== 'info') state.message = message.data.text;
  }

  async function refresh(height: number): Promise<void> {
    const limit = rowsThatFit(height);
    const query = new URLSearchParams({
      q: state.filter,
      sort: state.sort,
      order: state.down ? 'down' : 'up',
      offset: '0',
      limit: String(limit),
    });
    try {
      const { rows, matched } = await client.call<{ rows: ConnectionRow[]; matched: number }>(
        'GET',
        `/connections?${query}`,
      );
      state.rows = rows;
      state.matched = matched;
      state.chosen = Math.max(0, Math.min(state.chosen, rows.length - 1));
    } catch (error) {
      if (!(error instanceof HoldlineError)) throw error;
      state.message = error.message;
    }
  }

  async function look(key: string): Promise<boolean> {
    state.message = '';
    switch (key) {
      case 'q':
      case '\u0003':
        return true;
      case '\u001b[A':
        state.chosen = Math.max(0, state.chosen - 1);
        break;
      case '\u001b[B':
        state.chosen = Math.min(state.rows.length - 1, state.chosen + 1);
        break;
      case '/':
        mode = { kind: 'filter', text: state.filter };
        break;
      case 's':
        state.sort = sorts[(sorts.indexOf(state.sort) + 1) % sorts.length]!;
        break;
      case 'r':
        state.down = !state.down;
        break;
      case 'k': {
        const row = state.rows[state.chosen];
        if (row !== undefined)
          mode = { kind: 'kick', preview: null, id: row.id, words: `${row.clientAddress} on ${row.route}` };
        break;
      }
      case 'K': {
        const { preview, count } = await client.call<{ preview: string; count: number }>('POST', '/previews', {
          filter: state.filter === '' ? {} : { q: state.filter },
          all: state.filter === '',
        });
        mode = { kind: 'kick', preview, id: '', words: `${count} connections that match` };
        break;
      }
    }
    return false;
  }

  function type(typing: { text: string }, key: string): void {
    if (key === '\r') {
      state.filter = typing.text.trim();
      mode = { kind: 'look' };
    } else if (key === '\u001b' || key === '\u0003') mode = { kind: 'look' };
    else if (key === '\u007f') typing.text = typing.text.slice(0, -1);
    else if (key === '\u0015') typing.text = '';
    // Only what can be seen goes into a filter: the rest is what a terminal sends for its other keys.
    else if (printable(key) === key) typing.text += key;
  }

  async function kick({ preview, id }: { preview: string | null; id: string }, key: string): Promise<void> {
    mode = { kind: 'look' };
    if (key !== 'y') return;
    const { closed } = await (preview === null
      ? client.call<{ closed: number }>('POST', `/connections/${encodeURIComponent(id)}/close`, {
          code: 1008,
          reason: '',
        })
      : client.call<{ closed: number }>('POST', '/connections/close', { preview, code: 1008, reason: '' }));
    state.message = `${closed} closed with 1008`;
  }

  async function press(key: string): Promise<boolean> {
    try {
      if (mode.kind === 'look') return await look(key);
      if (mode.kind === 'filter') type(mode, key);
      else await kick(mode, key);
    } catch (error) {
      if (!(error instanceof HoldlineError)) throw error;
      mode = { kind: 'look' };
      state.message = `${error.message} (${error.help})`;
    }
    return false;
  }

  return {
    get screen() {
      const prompt =
        mode.kind === 'filter'
          ? `filter: ${mode.text}_`
          : mode.kind === 'kick'
            ? `close ${mode.words} with 1008? y/n`
            : null;
      return { ...state, seconds, prompt };
    },
    receive,
    refresh,
    async keys(chunk) {
      for (const key of keysIn(chunk)) {
        if (await press(key)) return true;
        // What was typed before the question was on the screen is no answer to it.
        if (mode.kind === 'kick') break;
      }
      return false;
    },
  };
}
