/** The pieces that every section of the page is made of: figures and tables. */

import type { ThresholdVerdict } from '../scenario/thresholds.ts';
import { html, type Markup, nothing } from './markup.ts';
import { measuredText } from './verdict-text.ts';

/** A figure for the page's script to draw in. */
export function figure(
  id: string,
  options: { readonly title: string; readonly says: string; readonly logarithmic?: boolean; readonly zooms?: false },
): Markup {
  const { title, says, logarithmic, zooms } = options;
  const keys =
    zooms === false
      ? 'Arrow keys move the cursor.'
      : 'Arrow keys move the cursor, plus and minus zoom, 0 shows everything.';
  const scale =
    logarithmic === undefined
      ? nothing
      : html`<label><input type="checkbox" name="log" autocomplete="off"${logarithmic ? html` checked` : nothing}> logarithmic</label>`;
  return html`<figure id="${id}"><figcaption class="caption"><span><b>${title}</b> ${says}</span>${scale}</figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${`Chart: ${title}, ${says}. ${keys}`}"></div></figure>`;
}

export interface TableColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | Markup;
  /** Wraps, and is not a number. */
  readonly words?: boolean;
}

/** The first column names the row. */
export function table<Row>(
  caption: string,
  rows: readonly Row[],
  [first, ...others]: readonly [TableColumn<Row>, ...TableColumn<Row>[]],
): Markup {
  const kind = (column: TableColumn<Row>) => (column.words === true ? html` class="words"` : nothing);
  const heads = [first, ...others].map((column) => html`<th scope="col"${kind(column)}>${column.title}</th>`);
  const lines = rows.map((row) => {
    const cells = others.map((column) => html`<td${kind(column)}>${column.cell(row)}</td>`);
    return html`<tr><th scope="row"${kind(first)}>${first.cell(row)}</th>${cells}</tr>\n`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="data"><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}

/** `held p99 < 50ms (12.3 ms)`: in words, because colours alone say nothing to some. */
export function verdictMark(verdict: ThresholdVerdict): Markup {
  const word = verdict.held ? 'held' : 'missed';
  return html`<b class="${verdict.held ? 'held' : 'missed'}">${verdict.held ? '✓' : '✗'} ${word}</b> <code>${verdict.text}</code> ${measuredWords(verdict)}`;
}

export function measuredWords(verdict: ThresholdVerdict): string {
  return verdict.measured === null ? measuredText(verdict) : `measured ${measuredText(verdict)}`;
}

export function verdictList(verdicts: readonly ThresholdVerdict[]): Markup {
  if (verdicts.length === 0) return nothing;
  return html`<ul class="verdicts">${verdicts.map((verdict) => html`<li>${verdictMark(verdict)}</li>\n`)}</ul>`;
}

export function orDash<Value>(value: Value | null, text: (value: Value) => string): string {
  return value === null ? '–' : text(value);
}
