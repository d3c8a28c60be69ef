/** The imported spec as a file: YAML, each route with the lines that it comes from. */
import { Document, isMap, isSeq, type YAMLMap } from 'yaml';
import { printable } from '../../base/printable.ts';
import type { Fate, Imported } from '../../nginx/import/model.ts';

/** Empty when there is no spec. `source` is what the file was made of, for its first line. */
export function importedText({ spec, fates, routesFrom }: Imported, source: string): string {
  if (spec === null) return '';
  const document = new Document(spec);
  const lost = fates.filter(({ outcome }) => outcome === 'lost');
  const head = [
    ` Made by holdline import from ${printable(source)}. holdline check FILE reads this one; every setting: docs/spec.md.`,
  ];
  if (lost.length > 0) head.push('', ' What the spec cannot say:', ...lost.map((fate) => ` - ${fateText(fate)}`));
  document.commentBefore = head.join('\n');
  const routes = document.get('routes', true);
  if (isSeq(routes))
    routes.items.forEach((item, index) => {
      if (!isMap(item)) return;
      item.commentBefore = ` ${routesFrom[index]?.text ?? ''}`;
      for (const key of ['match', 'path', 'heartbeat', 'origins', 'handshake', 'limits', 'http']) inFlow(item, key);
    });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Short blocks read better on one line. */
function inFlow(map: YAMLMap, key: string): void {
  const value = map.get(key, true);
  if ((isMap(value) || isSeq(value)) && value.items.length > 0) value.flow = true;
}

/** `nginx.conf:12 gzip on: the edge …`. */
export function fateText({ line, text, where }: Fate): string {
  return printable(`${where.file}:${where.range?.start.line ?? 1} ${line}: ${text}`);
}
