import type { EndedRecord } from '../../registry/history/ended.ts';
import { placeNow, replacePlace } from './address.ts';
import { ask } from './api.ts';
import { tagsOf } from './columns.ts';
import type { View } from './connections-view.ts';
import { problemText } from './dialog.ts';
import { element, setText } from './dom.ts';
import { searchBox } from './search-box.ts';
import { duration, moment } from './shown.ts';

interface Answer {
  readonly rows: readonly (EndedRecord & { readonly number: number })[];
  readonly next: number | null;
  readonly remembersSinceMs: number | null;
}

/** Who was connected, and why not any more. */
export function historyView(): View {
  let q = placeNow().parameters.get('q') ?? '';
  let next: number | null = null;
  const note = element('p', { class: 'note' });
  const body = element('tbody');
  const more = element('button', { type: 'button', hidden: true, onclick: () => void load(next) }, 'Older');
  const box = searchBox({
    of: 'ended',
    onChange: (text) => {
      q = text;
      replacePlace('history', { q });
      void load(null);
    },
  });
  box.set(q);
  const titles = ['Ended', 'Client', 'Route', 'Cause', 'Code', 'Reason', 'By', 'Age', 'Silent', 'Tags', 'Server'];
  const root = element(
    'section',
    {},
    element(
      'div',
      { class: 'bar' },
      box.root,
      element('button', { type: 'button', onclick: () => void load(null) }, 'Refresh'),
    ),
    note,
    element(
      'div',
      { class: 'scroll' },
      element(
        'table',
        { class: 'history' },
        element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title)))),
        body,
      ),
    ),
    more,
  );

  async function load(before: number | null): Promise<void> {
    const query = new URLSearchParams({ q, limit: '100', ...(before === null ? {} : { before: String(before) }) });
    try {
      const answer = await ask<Answer>('GET', `/history?${query}`);
      box.complain(null);
      const rows = answer.rows.map(rowOf);
      if (before === null) body.replaceChildren(...rows);
      else body.append(...rows);
      next = answer.next;
      more.hidden = next === null;
      const since = answer.remembersSinceMs;
      setText(note, since === null ? 'Nobody has left yet.' : `What ended before ${moment(since)} is not remembered.`);
    } catch (problem) {
      box.complain(problemText(problem));
    }
  }
  void load(null);
  return { root, refresh: () => undefined, close: () => undefined };
}

function rowOf(row: EndedRecord): HTMLElement {
  const cells = [
    moment(row.endedAtMs),
    row.clientAddress,
    row.route,
    row.cause,
    String(row.code),
    row.reason,
    row.by,
    duration(row.ageMs),
    duration(row.idleMs),
    tagsOf(row),
    row.server.replace(/^https?:\/\//, ''),
  ];
  return element('tr', { title: row.id }, ...cells.map((cell) => element('td', {}, cell)));
}
