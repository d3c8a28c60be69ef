import type { TapAnswer, TapRow } from '../../registry/tap.ts';
import { element, setText } from './dom.ts';
import { bytes, count } from './shown.ts';

export interface TapView {
  readonly root: HTMLElement;
  close(): void;
}

/** As many lines as somebody scrolls back through. */
const linesMax = 200;

/** What comes on one connection, by the headers of its frames: looked at only while it is asked for. */
export function tapView(id: string): TapView {
  const lines = element('ol', { class: 'tap', tabindex: 0, 'aria-label': 'Frames, newest first' });
  const state = element('p', { role: 'status', class: 'note' });
  const button = element(
    'button',
    { type: 'button', onclick: () => (source === null ? open() : stop('')) },
    'Watch its frames',
  );
  const root = element('div', {}, button, state, lines);
  let source: EventSource | null = null;
  let missed = 0;

  function open(): void {
    const made = new EventSource(`/connections/${encodeURIComponent(id)}/tap`);
    source = made;
    setText(button, 'Stop watching');
    setText(state, 'nothing has come yet');
    made.addEventListener('frames', (event) => show(JSON.parse(event.data)));
    made.addEventListener('end', () => stop('It has ended.'));
    // The browser would try again for as long as the page is open; the connection may be gone for good.
    made.onerror = () => stop('No contact, or too many watch already.');
  }

  function stop(why: string): void {
    source?.close();
    source = null;
    setText(button, 'Watch its frames');
    setText(state, why);
  }

  function show(answer: TapAnswer): void {
    missed += answer.missed;
    const made = answer.rows.filter(({ what, frames }) => what === 'frame' || frames > 1).map(lineOf);
    if (made.length > 0) lines.prepend(...made.reverse().slice(0, linesMax));
    while (lines.childElementCount > linesMax) lines.lastElementChild!.remove();
    if (lines.childElementCount > 0) setText(state, missed === 0 ? '' : `${count(missed)} more came than can be shown`);
  }

  return { root, close: () => stop('') };
}

function lineOf(row: TapRow): HTMLElement {
  const time = new Date(row.atMs);
  const notes = [
    row.what === 'message' ? `in ${count(row.frames)} frames` : '',
    row.compressed ? 'compressed' : '',
    row.final ? '' : 'more follows',
  ].filter((note) => note !== '');
  return element(
    'li',
    { class: `from-${row.from}` },
    element('time', {}, `${time.toLocaleTimeString('en-GB')}.${String(time.getMilliseconds()).padStart(3, '0')}`),
    element('span', {}, row.from === 'client' ? 'client →' : '← server'),
    element('b', { class: 'tap-kind' }, row.what === 'message' ? `${row.kind} whole` : row.kind),
    element('span', { class: 'number' }, bytes(row.bytes)),
    ...(notes.length === 0 ? [] : [element('span', { class: 'tap-notes' }, notes.join(', '))]),
  );
}
