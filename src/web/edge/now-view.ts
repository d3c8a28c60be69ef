import type { Now, NowRoute } from '../../registry/live.ts';
import { addressOf } from './address.ts';
import { element, setText } from './dom.ts';
import { bytes, count, duration, rate } from './shown.ts';

/** Tiles, tables of routes, servers and workers, and what was refused and closed: everything that is counted now. */
export interface NowView {
  readonly root: HTMLElement;
  show(now: Now): void;
}

const tiles: readonly (readonly [string, (now: Now) => string, (now: Now) => string])[] = [
  [
    'connections',
    (now) => count(now.second?.connections ?? sum(now, (route) => route.open)),
    (now) => `${count(sum(now, (route) => route.handshakes.upgraded ?? 0))} since the start`,
  ],
  ['handshakes/s', (now) => rate(now.second?.upgraded ?? 0), (now) => `${rate(now.second?.refused ?? 0)} refused`],
  ['ended/s', (now) => rate(now.second?.closed ?? 0), () => ''],
  [
    'messages/s',
    (now) => rate((now.second?.clientMessages ?? 0) + (now.second?.serverMessages ?? 0)),
    (now) => `${rate(now.second?.clientMessages ?? 0)} in, ${rate(now.second?.serverMessages ?? 0)} out`,
  ],
  [
    'bytes/s',
    (now) => bytes((now.second?.clientBytes ?? 0) + (now.second?.serverBytes ?? 0)),
    (now) => `${bytes(now.second?.clientBytes ?? 0)} in, ${bytes(now.second?.serverBytes ?? 0)} out`,
  ],
  ['waiting', (now) => bytes(now.second?.bufferedBytes ?? 0), () => 'for slow readers'],
  [
    'memory',
    (now) => bytes(now.second?.memoryBytes ?? 0),
    (now) => `${now.workers.length} worker${now.workers.length === 1 ? '' : 's'}`,
  ],
];

export function nowView(charts: HTMLElement): NowView {
  const values = tiles.map(([label]) => {
    const [value, about] = [element('b', {}), element('small', {})];
    return { value, about, tile: element('div', { class: 'tile' }, element('span', {}, label), value, about) };
  });
  const [routes, servers, workers, refused, closed] = [table(), table(), table(), table(), table()];
  const root = element(
    'div',
    {},
    element('section', { class: 'tiles', 'aria-label': 'Now' }, ...values.map(({ tile }) => tile)),
    charts,
    element(
      'div',
      { class: 'tables' },
      panel('Routes', routes),
      panel('Servers', servers),
      panel('Workers', workers),
      panel('Refused, by reason', refused),
      panel('Ended, by cause', closed),
    ),
  );
  return {
    root,
    show(now) {
      for (const [at, [, value, about]] of tiles.entries()) {
        setText(values[at]!.value, value(now));
        setText(values[at]!.about, about(now));
      }
      fill(
        routes,
        ['route', 'matches', 'open', 'opened', 'refused'],
        now.routes.map((route) => [
          link(route.name, 'connections', `route:${quoted(route.name)}`),
          route.match ?? 'removed',
          count(route.open),
          count(route.handshakes.upgraded ?? 0),
          count(refusedOf(route)),
        ]),
      );
      fill(
        servers,
        ['server', 'upstream', 'open', 'state'],
        now.servers.map((server) => [
          link(server.url, 'connections', `server:${quoted(server.url)}`),
          server.upstream,
          count(server.connections),
          server.state,
        ]),
      );
      fill(
        workers,
        ['worker', 'open', 'CPU', 'memory', 'held up', 'up for'],
        now.workers.map((worker) => [
          String(worker.pid),
          count(worker.connections),
          `${Math.round(worker.cpuShare * 100)} %`,
          bytes(worker.memoryBytes),
          `${Math.round(worker.eventLoopDelayMaxMs)} ms`,
          duration(now.atMs - worker.startedAtMs),
        ]),
      );
      fill(
        refused,
        ['reason', 'handshakes'],
        counted(now, (route) => route.handshakes)
          .filter(([name]) => name !== 'upgraded')
          .map(([name, number]) => [name, count(number)]),
      );
      fill(
        closed,
        ['cause', 'connections'],
        counted(now, (route) => route.closes).map(([cause, number]) => [
          link(cause, 'history', `cause:${cause}`),
          count(number),
        ]),
      );
    },
  };
}

/** Of a filter: a value with a space or a comma in it goes in quotes. */
export function quoted(value: string): string {
  return /^[^\s",*]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

export function link(text: string, view: string, q: string): HTMLElement {
  return element('a', { href: addressOf(view, { q }) }, text);
}

function sum(now: Now, read: (route: NowRoute) => number): number {
  return now.routes.reduce((total, route) => total + read(route), 0);
}

function refusedOf(route: NowRoute): number {
  return Object.entries(route.handshakes).reduce(
    (total, [name, number]) => total + (name === 'upgraded' ? 0 : number),
    0,
  );
}

function counted(now: Now, read: (route: NowRoute) => Readonly<Partial<Record<string, number>>>): [string, number][] {
  const totals = new Map<string, number>();
  for (const route of now.routes)
    for (const [name, number] of Object.entries(read(route))) totals.set(name, (totals.get(name) ?? 0) + (number ?? 0));
  return [...totals].sort((a, b) => b[1] - a[1]);
}

function table(): HTMLTableElement {
  return element('table', {}, element('thead'), element('tbody'));
}

function panel(title: string, content: HTMLElement): HTMLElement {
  return element('section', { class: 'panel' }, element('h2', {}, title), element('div', { class: 'scroll' }, content));
}

/** Cells keep their elements as long as the text is the same, so that a link under the pointer stays one. */
function fill(
  target: HTMLTableElement,
  titles: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): void {
  const [head, body] = [target.tHead!, target.tBodies[0]!];
  if (head.rows.length === 0)
    head.append(element('tr', {}, ...titles.map((title) => element('th', { scope: 'col' }, title))));
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [at, cells] of rows.entries()) {
    const row = body.rows[at] ?? body.insertRow();
    for (const [column, cell] of cells.entries()) {
      const place = row.cells[column] ?? row.insertCell();
      const text = typeof cell === 'string' ? cell : (cell.textContent ?? '');
      if (place.textContent === text) continue;
      place.replaceChildren(cell);
      if (column > 0 && /^[\d,.]+( |$)/.test(text)) place.className = 'number';
    }
  }
}
