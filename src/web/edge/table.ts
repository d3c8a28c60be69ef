import { element } from './dom.ts';

/** A link or a button in a cell. `key` says what it is for: a cell keeps its element only while it is for the same. */
export interface CellAct {
  readonly key: string;
  readonly make: () => HTMLElement;
}

export type Cell = string | CellAct;

export function table(): HTMLTableElement {
  return element('table', {}, element('thead'), element('tbody'));
}

export function panel(title: string, content: HTMLElement, act: HTMLElement | null = null): HTMLElement {
  const head = element('div', { class: 'panel-head' }, element('h2', {}, title), act);
  return element('section', { class: 'panel' }, head, element('div', { class: 'scroll' }, content));
}

/** Cells keep their elements as long as they say the same, so that a link under the pointer stays one. */
export function fillTable(
  target: HTMLTableElement,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  const [head, body] = [target.tHead!, target.tBodies[0]!];
  if (head.rows.length === 0)
    head.append(element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title))));
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [at, cells] of rows.entries()) {
    const row = body.rows[at] ?? body.insertRow();
    for (const [column, cell] of cells.entries()) {
      const place = row.cells[column] ?? row.insertCell();
      // A text never equals a key: keys begin with what no text of ours begins with.
      const key = typeof cell === 'string' ? cell : `\u0000${cell.key}`;
      if (place.dataset.key === key) continue;
      place.dataset.key = key;
      place.replaceChildren(typeof cell === 'string' ? cell : cell.make());
      if (column > 0 && typeof cell === 'string' && /^[\d,.]+( |$)/.test(cell)) place.className = 'number';
    }
  }
}
