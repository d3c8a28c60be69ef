import type { ConnectionRow } from '../../registry/row.ts';
import type { PageColumn } from './columns.ts';
import { element, setText } from './dom.ts';

export interface Grid {
  readonly root: HTMLElement;
  setColumns(columns: readonly PageColumn[]): void;
  /** How many rows there are, and those that were fetched, from `offset` on. */
  show(matched: number, offset: number, rows: readonly ConnectionRow[]): void;
  showSort(sort: string, down: boolean): void;
  /** What has to be fetched for what is in view. */
  range(): { readonly offset: number; readonly limit: number };
}

export interface GridOptions {
  readonly onScroll: () => void;
  readonly onSort: (sort: string) => void;
  readonly onOpen: (row: ConnectionRow) => void;
}

/** As style/grid.css has it. */
const rowHeight = 28;
/** Rows above and below the view, so that scrolling finds them there. */
const spare = 30;
/** Rows ahead of who scrolls on: a second and more of a turning wheel, while the answer is on its way. */
const ahead = 150;
/** Nothing moved for so long: it stands. */
const restMs = 400;
/** Browsers draw no taller element; a million rows and more are nobody's to scroll through. */
const rowsMax = 100_000;

/**
 * A table of which only the rows in view exist, filled with what the edge answers; a row that is not there yet is
 * blank.
 */
export function grid(options: GridOptions): Grid {
  const head = element('div', { class: 'grid-head', role: 'row' });
  const space = element('div', { class: 'grid-space' });
  const body = element('div', { class: 'grid-body', tabindex: 0, role: 'rowgroup' }, space);
  const root = element('div', { class: 'grid', role: 'grid', 'aria-label': 'Connections' }, head, body);
  const lines: HTMLElement[] = [];
  let columns: readonly PageColumn[] = [];
  let [matched, offset] = [0, 0];
  let rows: readonly ConnectionRow[] = [];
  let selected = -1;
  let waiting = false;
  /** Which way it was scrolled last, and when. */
  let [moved, movedAtMs, top] = [0, -restMs, 0];

  const first = () => Math.floor(body.scrollTop / rowHeight);
  const visible = () => Math.ceil(body.clientHeight / rowHeight) + 1;

  function draw(): void {
    const from = Math.max(0, Math.min(first() - 4, matched - 1));
    const shown = Math.max(0, Math.min(visible() + 8, matched - from));
    while (lines.length < shown) {
      const line = element('div', { class: 'grid-row', role: 'row' }, ...columns.map((column) => cellOf(column)));
      lines.push(line);
      space.append(line);
    }
    while (lines.length > shown) lines.pop()!.remove();
    for (const [at, line] of lines.entries()) {
      const place = from + at;
      const row = rows[place - offset];
      line.style.transform = `translateY(${place * rowHeight}px)`;
      line.setAttribute('aria-rowindex', String(place + 2));
      line.classList.toggle('selected', place === selected);
      line.dataset.place = String(place);
      for (const [index, column] of columns.entries())
        setText(line.children[index] as HTMLElement, row === undefined ? '' : column.cell(row));
    }
  }

  function cellOf(column: PageColumn): HTMLElement {
    return element('span', { class: column.number ? 'number' : '', role: 'gridcell' });
  }

  function rowAt(place: number): ConnectionRow | undefined {
    return rows[place - offset];
  }

  function select(place: number): void {
    selected = Math.max(0, Math.min(place, matched - 1));
    const top = selected * rowHeight;
    if (top < body.scrollTop) body.scrollTop = top;
    else if (top + rowHeight > body.scrollTop + body.clientHeight) body.scrollTop = top + rowHeight - body.clientHeight;
    draw();
  }

  body.addEventListener('scroll', () => {
    moved = Math.sign(body.scrollTop - top);
    movedAtMs = performance.now();
    top = body.scrollTop;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
      options.onScroll();
    });
  });
  body.addEventListener('click', (event) => {
    const line = (event.target as Element).closest<HTMLElement>('.grid-row');
    if (line === null) return;
    select(Number(line.dataset.place));
    const row = rowAt(selected);
    if (row !== undefined) options.onOpen(row);
  });
  const steps: Readonly<Record<string, () => number>> = {
    ArrowDown: () => selected + 1,
    ArrowUp: () => selected - 1,
    PageDown: () => selected + visible(),
    PageUp: () => selected - visible(),
    Home: () => 0,
    End: () => matched - 1,
  };
  body.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    const row = rowAt(selected);
    if (step !== undefined) select(step());
    else if (event.key === 'Enter' && row !== undefined) options.onOpen(row);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(body);

  return {
    root,
    setColumns(next) {
      columns = next;
      root.style.setProperty(
        '--columns',
        next.map((column) => (column.number ? 'minmax(64px, 0.6fr)' : 'minmax(90px, 1.4fr)')).join(' '),
      );
      head.replaceChildren(
        ...next.map(({ title, sort, number }) =>
          element(
            'span',
            { role: 'columnheader', class: number ? 'number' : '', 'data-sort': sort },
            sort === null ? title : element('button', { type: 'button', onclick: () => options.onSort(sort) }, title),
          ),
        ),
      );
      for (const line of lines.splice(0)) line.remove();
      draw();
    },
    show(all, from, found) {
      matched = Math.min(all, rowsMax);
      offset = from;
      rows = found;
      space.style.height = `${matched * rowHeight}px`;
      root.setAttribute('aria-rowcount', String(all + 1));
      draw();
    },
    showSort(sort, down) {
      for (const cell of head.children) {
        const mine = cell.getAttribute('data-sort') === sort;
        if (mine) cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        else cell.removeAttribute('aria-sort');
      }
    },
    range() {
      const moving = performance.now() - movedAtMs < restMs ? moved : 0;
      const from = Math.max(0, first() - (moving < 0 ? ahead : spare));
      return { offset: from, limit: Math.min(500, visible() + (moving === 0 ? 2 * spare : spare + ahead)) };
    },
  };
}
