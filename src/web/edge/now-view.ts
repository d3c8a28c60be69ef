import type { Now, NowDrain, NowRoute, NowServer, NowWorker } from '../../registry/live.ts';
import { addressOf } from './address.ts';
import { openDialog } from './dialog.ts';
import { element, setText } from './dom.ts';
import { bytes, count, duration, rate } from './shown.ts';
import { attempt } from './steer.ts';
import {
  cancelDrain,
  drainMany,
  drainServer,
  evenServers,
  evenWorkers,
  switchGate,
  undrainServer,
} from './steer-edge.ts';
import { type Cell, type CellAct, fillTable, panel, table } from './table.ts';

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

export function nowView(charts: HTMLElement, steers: boolean): NowView {
  const values = tiles.map(([label]) => {
    const [value, about] = [element('b', {}), element('small', {})];
    return { value, about, tile: element('div', { class: 'tile' }, element('span', {}, label), value, about) };
  });
  const [routes, servers, drains, workers, refused, closed] = [table(), table(), table(), table(), table(), table()];
  const serversEven = element('div', { class: 'buttons' });
  const workersEven = steers
    ? element('button', { type: 'button', hidden: true, onclick: () => evenWorkers(excess) }, 'Even out…')
    : null;
  let excess = 0;
  const running = panel('Drains that run', drains);
  const acts = steers ? [''] : [];
  const root = element(
    'div',
    {},
    element('section', { class: 'tiles', 'aria-label': 'Now' }, ...values.map(({ tile }) => tile)),
    charts,
    element(
      'div',
      { class: 'tables' },
      panel('Routes', routes),
      panel('Servers', servers, serversEven),
      running,
      panel('Workers', workers, workersEven),
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
      fillTable(
        routes,
        ['route', 'matches', 'open', 'opened', 'refused', ...acts],
        now.routes.map((route) => [
          linkCell(route.name, 'connections', `route:${quoted(route.name)}`),
          `${route.match ?? 'removed'}${now.gateRoutes.includes(route.name) ? ', gate closed' : ''}`,
          count(route.open),
          count(route.handshakes.upgraded ?? 0),
          count(refusedOf(route)),
          ...(steers ? [routeActs(route, now.gateRoutes.includes(route.name))] : []),
        ]),
      );
      fillTable(
        servers,
        ['server', 'upstream', 'open', 'state', ...acts],
        now.servers.map((server) => [
          linkCell(server.url, 'connections', `server:${quoted(server.url)}`),
          server.upstream,
          count(server.connections),
          server.state,
          ...(steers ? [serverActs(server)] : []),
        ]),
      );
      if (steers) offerEven(serversEven, now.servers);
      running.hidden = now.drains.length === 0;
      fillTable(
        drains,
        ['drain', 'left', 'of', 'for about', ...acts],
        now.drains.map((drain) => [
          drain.what,
          count(drain.remaining),
          count(drain.total),
          duration(drain.etaMs),
          ...(steers ? [drainActs(drain)] : []),
        ]),
      );
      fillTable(
        workers,
        ['worker', 'open', 'CPU', 'memory', 'held up', 'up for', 'version'],
        now.workers.map((worker) => [
          String(worker.pid),
          count(worker.connections),
          `${Math.round(worker.cpuShare * 100)} %`,
          bytes(worker.memoryBytes),
          `${Math.round(worker.eventLoopDelayMaxMs)} ms`,
          duration(now.atMs - worker.startedAtMs),
          worker.version,
        ]),
      );
      excess = excessOf(now.workers);
      if (workersEven !== null) workersEven.hidden = excess === 0;
      fillTable(
        refused,
        ['reason', 'handshakes'],
        counted(now, (route) => route.handshakes)
          .filter(([name]) => name !== 'upgraded')
          .map(([name, number]) => [name, count(number)]),
      );
      fillTable(
        closed,
        ['cause', 'connections'],
        counted(now, (route) => route.closes).map(([cause, number]) => [
          linkCell(cause, 'history', `cause:${cause}`),
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

function linkCell(text: string, view: string, q: string): CellAct {
  return { key: `${view} ${q}`, make: () => link(text, view, q) };
}

function routeActs({ name, match, open }: NowRoute, closed: boolean): Cell {
  // Handshakes that no route matches are counted as one; there is nothing to steer.
  if (match === null && open === 0) return '';
  const q = `route:${quoted(name)}`;
  return {
    key: `${name} ${closed}`,
    make: () =>
      buttons(
        [closed ? 'Open gate…' : 'Gate…', async () => switchGate(!closed, name)],
        ['Drain…', () => drainMany(q, `route ${name}`)],
      ),
  };
}

function serverActs({ url, upstream, state }: NowServer): Cell {
  if (state === 'gone') return '';
  const q = `server:${quoted(url)} upstream:${quoted(upstream)}`;
  return {
    key: `${url} ${upstream} ${state === 'draining'}`,
    make: () =>
      state === 'draining'
        ? buttons(['Undrain…', async () => undrainServer({ url, upstream })])
        : buttons(['Drain…', () => drainServer({ url, upstream }, q)]),
  };
}

/** A button for each upstream with several servers that take clients. */
function offerEven(place: HTMLElement, servers: readonly NowServer[]): void {
  const up = servers.filter(({ state }) => state === 'up').map(({ upstream }) => upstream);
  const several = [...new Set(up)].filter((name) => up.indexOf(name) !== up.lastIndexOf(name)).slice(0, evenMax);
  const key = JSON.stringify(several);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(buttons(...several.map((name) => [`Even out ${name}…`, () => evenServers(name)] as const)));
}

/** More buttons than this are no help; holdline servers rebalance has them all. */
const evenMax = 3;

/** What the workers hold above an equal share. */
function excessOf(workers: readonly NowWorker[]): number {
  const share = Math.ceil(workers.reduce((total, { connections }) => total + connections, 0) / workers.length);
  return workers.reduce((total, { connections }) => total + Math.max(0, connections - share), 0);
}

function drainActs({ id, what }: NowDrain): Cell {
  return { key: id, make: () => buttons(['Cancel…', async () => cancelDrain(id, what)]) };
}

function buttons(...acts: readonly (readonly [string, () => Promise<void>])[]): HTMLElement {
  const made = acts.map(([text, act]) =>
    element(
      'button',
      { type: 'button', onclick: () => void attempt(act, (problem) => openDialog(text, problem)) },
      text,
    ),
  );
  return element('div', { class: 'buttons' }, ...made);
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
