import type { ConnectionRow } from '../../registry/row.ts';
import { placeNow, replacePlace } from './address.ts';
import { ask } from './api.ts';
import { type PageColumn, pageColumns } from './columns.ts';
import { openConnection } from './connection-view.ts';
import { problemText } from './dialog.ts';
import { element, setText } from './dom.ts';
import { grid } from './grid.ts';
import { searchBox } from './search-box.ts';
import { count } from './shown.ts';
import { attempt, kickMany, sendMany } from './steer.ts';
import { drainMany } from './steer-edge.ts';

interface Answer {
  readonly rows: readonly ConnectionRow[];
  readonly matched: number;
}

export interface View {
  readonly root: HTMLElement;
  /** Called each second while it is looked at. */
  refresh(): void;
  close(): void;
}

const columnsKey = 'holdline-columns';
const narrow = '(max-width: 640px)';

/** The table of connections: searched, filtered and sorted by the edge; only what is in view is fetched. */
export function connectionsView(steers: boolean): View {
  const given = placeNow().parameters;
  let [q, sort, down] = [given.get('q') ?? '', given.get('sort') ?? 'age', given.get('order') === 'down'];
  let asking = false;
  let again = false;

  const matched = element('output', { class: 'matched' }, '…');
  const box = searchBox({
    of: 'live',
    onChange: (text) => {
      q = text;
      remember();
      void load();
    },
  });
  box.set(q);
  const table = grid({
    onScroll: () => void load(),
    onSort: (name) => {
      down = name === sort && !down;
      sort = name;
      remember();
      table.showSort(sort, down);
      void load();
    },
    onOpen: (row) => openConnection(row, steers),
  });
  const buttons = element(
    'div',
    { class: 'buttons' },
    element('button', { type: 'button', onclick: () => void attempt(() => sendMany(q), box.complain) }, 'Send…'),
    element(
      'button',
      {
        type: 'button',
        onclick: () => void attempt(() => drainMany(q, q === '' ? 'everybody' : q), box.complain),
      },
      'Drain…',
    ),
    element(
      'button',
      { type: 'button', class: 'act', onclick: () => void attempt(() => kickMany(q), box.complain) },
      'Close…',
    ),
  );
  const chooser = columnChooser((columns) => {
    table.setColumns(columns);
    table.showSort(sort, down);
  });
  const root = element(
    'section',
    { class: 'connections' },
    element('div', { class: 'bar' }, box.root, matched, chooser, ...(steers ? [buttons] : [])),
    table.root,
  );

  function remember(): void {
    replacePlace('connections', { q, sort: sort === 'age' ? '' : sort, order: down ? 'down' : '' });
  }

  /** One question at a time: what changed meanwhile is asked when the answer is here. */
  async function load(): Promise<void> {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    const { offset, limit } = table.range();
    const query = new URLSearchParams({
      q,
      sort,
      order: down ? 'down' : 'up',
      offset: String(offset),
      limit: String(limit),
    });
    try {
      const answer = await ask<Answer>('GET', `/connections?${query}`);
      box.complain(null);
      setText(matched, `${count(answer.matched)} connection${answer.matched === 1 ? '' : 's'}`);
      table.show(answer.matched, offset, answer.rows);
    } catch (problem) {
      box.complain(problemText(problem));
    }
    asking = false;
    if (again) {
      again = false;
      void load();
    }
  }

  table.showSort(sort, down);
  return { root, refresh: () => void load(), close: () => undefined };
}

/** A list of check boxes; the choice stays in this browser. */
function columnChooser(onChange: (columns: readonly PageColumn[]) => void): HTMLElement {
  const stored = localStorage.getItem(columnsKey)?.split(',');
  const wanted = new Set(
    stored ??
      pageColumns
        .filter(({ shown }) => shown === 'always' || (shown === 'wide' && !matchMedia(narrow).matches))
        .map(({ title }) => title),
  );
  const tell = () => onChange(pageColumns.filter(({ title }) => wanted.has(title)));
  const boxes = pageColumns.map(({ title }) => {
    const input = element('input', { type: 'checkbox', checked: wanted.has(title) });
    input.addEventListener('change', () => {
      if (input.checked) wanted.add(title);
      else wanted.delete(title);
      localStorage.setItem(columnsKey, [...wanted].join(','));
      tell();
    });
    return element('label', {}, input, title);
  });
  queueMicrotask(tell);
  return element('details', { class: 'chooser' }, element('summary', {}, 'Columns'), element('div', {}, ...boxes));
}
