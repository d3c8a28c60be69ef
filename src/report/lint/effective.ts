/** What a WebSocket handshake really gets in each location, with the line that each value comes from. */

import { formatVersion } from '../../base/nginx-version.ts';
import { printable } from '../../base/printable.ts';
import { describe } from '../../nginx/effective/describe.ts';
import { finalLocation } from '../../nginx/effective/jumps.ts';
import type {
  BackendHeader,
  Effective,
  EffectiveValue,
  HandshakeHeaders,
  Jump,
  Location,
  LocationDescription,
  LostLine,
  ProxyTarget,
  Scope,
} from '../../nginx/effective/model.ts';
import { factsOf } from '../../nginx/facts/directives.ts';
import { decoded } from '../../nginx/lint/letters.ts';
import { lineOf } from '../../nginx/syntax/place.ts';
import { quoted } from '../../nginx/syntax/printer.ts';
import type { Statement } from '../../nginx/syntax/tree.ts';
import { wrap } from '../wrap.ts';
import { columns, type Row } from './effective-table.ts';

export interface EffectiveTextOptions {
  readonly colour: boolean;
  /** Columns to fill; 80 when the output is no terminal. */
  readonly width: number;
  /** Only locations whose pattern or label is this. */
  readonly location?: string;
}

/** Empty when no location is of that name, or there is none. */
export function effectiveText(model: Effective, options: EffectiveTextOptions): string {
  const chosen = model.locations.filter((location) => isWanted(location, options.location));
  return chosen.map((location) => page(describe(model, location), model, options)).join('\n');
}

function isWanted(location: Location, wanted: string | undefined): boolean {
  if (wanted === undefined) return location.kind === 'location';
  return [location.pattern, location.label, `${location.modifier} ${location.pattern}`].includes(wanted.trim());
}

function page(described: LocationDescription, model: Effective, { colour, width }: EffectiveTextOptions): string {
  const paint = (codes: string, text: string) => (colour ? `\u001b[${codes}m${text}\u001b[0m` : text);
  const { location, within } = described;
  const place = placeOf(location.statement, model);
  const title = printable(decoded(location.label));
  const gap = ' '.repeat(Math.max(2, width - title.length - place.length));
  const lines = [
    `${paint('1', title)}${gap}${paint('2', place)}`,
    paint(
      '2',
      `in ${
        within
          .slice(1)
          .map((label) => printable(decoded(label)))
          .join(', in ') || 'a file of its own'
      }`,
    ),
    '',
  ];
  const section = (heading: string, body: readonly string[]) => {
    if (body.length > 0) lines.push(`  ${paint('1', heading)}`, ...body.map((line) => `    ${line}`), '');
  };
  const rows = (all: readonly Row[]) =>
    columns(all, width - 4).map(({ text, quiet }) => (quiet ? paint('2', text) : text));

  section('A request', wrapped(waysOf(described), width - 4));
  if (described.handshake !== null) {
    section('The backend gets', rows(headerRows(described, model)));
    section(
      'So a handshake',
      verdictLines(described, width - 4).map((line) => paint(line.good ? '32' : '31', line.text)),
    );
  }
  section('It may last', rows(valueRows(described, model, lasting)));
  section('Besides', rows(valueRows(described, model, besides).filter(({ quiet }) => quiet !== true)));
  section('Lost on the way', rows(lostRows(described, model)));
  section('Requests also come from', wrapped(arrivalsOf(location, model), width - 4));
  return lines.join('\n');
}

const lasting = [
  'proxy_read_timeout',
  'proxy_send_timeout',
  'send_timeout',
  'proxy_connect_timeout',
  'proxy_socket_keepalive',
];
/** Said elsewhere on the page, or of no interest where nobody wrote it. */
const elsewhere = new Set([...lasting, 'proxy_pass', 'proxy_set_header', 'proxy_http_version']);
const besides: (name: string) => boolean = (name) => !elsewhere.has(name);

function valueRows(
  described: LocationDescription,
  model: Effective,
  which: readonly string[] | ((name: string) => boolean),
): Row[] {
  const wanted = typeof which === 'function' ? which : (name: string) => which.includes(name);
  const rows = described.values
    .filter(({ name, origin }) => wanted(name) && origin !== 'unset')
    .flatMap((value) => rowsOf(value, described.location, model));
  // What nginx does to a request that it does not proxy has no proxy timeouts.
  return described.handshake === null ? rows.filter(({ quiet }) => quiet !== true) : rows;
}

function rowsOf(value: EffectiveValue, location: Location, model: Effective): Row[] {
  const { name, origin, from, statements, rows } = value;
  if (origin === 'default')
    return [{ name, value: value.text ?? '', from: `default of nginx ${formatVersion(model.target)}`, quiet: true }];
  return statements.map((statement, index) => ({
    name,
    value: shown(rows[index] ?? []),
    from: provenance({ from, statement }, location, model),
  }));
}

function headerRows({ headers, handshake, location, values }: LocationDescription, model: Effective): Row[] {
  const version = values.find(({ name }) => name === 'proxy_http_version');
  const sent = handshake!.websocket;
  const rows = headers.filter(({ value }) => value !== '').map((header) => headerRow(header, sent, location, model));
  const versionRow: Row[] =
    version === undefined ? [] : rowsOf(version, location, model).map((row) => ({ ...row, name: 'HTTP version' }));
  return [...versionRow, ...rows];
}

/** The value that is sent when it can be told, and how it is written when that is something else. */
function headerRow(header: BackendHeader, sent: HandshakeHeaders, location: Location, model: Effective): Row {
  const name = header.name.toLowerCase();
  const resolved = name === 'upgrade' ? sent.upgrade : name === 'connection' ? sent.connection : null;
  const written = printable(decoded(header.value));
  const value =
    resolved === null || !resolved.known || resolved.value === header.value
      ? written
      : `${resolved.value === '' ? '(not sent)' : printable(decoded(resolved.value))}  from ${written}`;
  const from =
    header.statement === null ? `default of nginx ${formatVersion(model.target)}` : provenance(header, location, model);
  return { name: printable(decoded(header.name)), value, from, quiet: header.statement === null };
}

interface VerdictLine {
  readonly good: boolean;
  readonly text: string;
}

function verdictLines({ handshake }: LocationDescription, width: number): VerdictLine[] {
  const { websocket, h2c } = handshake!;
  const { upgrade, connection, httpVersion } = websocket;
  const unknown = [upgrade, connection].find((each) => !each.known);
  if (unknown !== undefined && !unknown.known)
    return wrap(`cannot be judged from the configuration: ${unknown.because}`, width).map((text) => ({
      good: false,
      text,
    }));
  const problems = [
    ...(upgrade.known && upgrade.value === '' ? ['Upgrade is not sent'] : []),
    ...(upgrade.known && upgrade.value !== '' && upgrade.value.toLowerCase() !== 'websocket'
      ? [`Upgrade says "${upgrade.value}"`]
      : []),
    ...(connection.known && !/\bupgrade\b/i.test(connection.value)
      ? [connection.value === '' ? 'Connection is not sent' : `Connection says "${connection.value}"`]
      : []),
    ...(httpVersion === '2' ? ['it is spoken to in HTTP/2'] : []),
  ];
  const verdict =
    problems.length === 0
      ? 'reaches the backend as one.'
      : `arrives as an ordinary request, not as a handshake: ${printable(problems.join(', '))}.`;
  const others =
    problems.length === 0 &&
    h2c.upgrade.known &&
    h2c.upgrade.value !== '' &&
    h2c.connection.known &&
    /upgrade/i.test(h2c.connection.value)
      ? ' Other protocols (Upgrade: h2c) get through as well.'
      : '';
  const old = problems.length === 0 && httpVersion === '1.0' ? ' It is in HTTP/1.0, which strict backends refuse.' : '';
  return wrap(verdict + old + others, width).map((text) => ({ good: problems.length === 0 && old === '', text }));
}

function lostRows({ values, location }: LocationDescription, model: Effective): Row[] {
  return (
    values
      // A value that is written anew further in is no loss; a set of which one line is, is.
      .filter(({ name, lost }) => lost.length > 0 && factsOf(name).some(({ inheritance }) => inheritance === 'set'))
      .flatMap(({ lost }) => lost.map((line) => lostRow(line, location, model)))
  );
}

function lostRow({ statement, scope, to }: LostLine, location: Location, model: Effective): Row {
  const { name, args } = statement.directive;
  const from = `${provenance({ from: scope, statement }, location, model)}, to line ${lineOf(to.directive)}`;
  return { name: printable(decoded(name)), value: shown(args), from };
}

/** Where it goes, in words. */
function waysOf({ location, chains }: LocationDescription): string[] {
  const { handler } = location;
  const ends = chains.map((chain) => chain.map(jumpWords).join(', then '));
  const jumps = ends.length === 0 ? [] : ends.map((text) => `${text}.`);
  const passes =
    handler.kind === 'proxy' && finalLocation(location) === location ? [`goes to ${targetWords(handler.target)}.`] : [];
  const answers: Partial<Record<Location['handler']['kind'], string>> = {
    static: 'is answered from files, or by a module.',
    return:
      handler.kind === 'return'
        ? `is answered with ${handler.status ?? 'a redirect'}${handler.text === '' ? '' : ` ${decoded(handler.text)}`}.`
        : '',
    lua: 'is answered by a Lua script.',
    other: 'is answered by a module.',
  };
  const other =
    handler.kind === 'proxy'
      ? []
      : [answers[handler.kind] ?? `goes on over ${handler.kind}, which carries no WebSockets.`];
  return [...passes, ...(jumps.length > 0 && handler.kind === 'static' ? [] : other), ...jumps];
}

function jumpWords({ kind, to, location, when }: Jump): string {
  const target = decoded(location?.label ?? to);
  const how: Record<Jump['kind'], string> = {
    try_files: 'goes on (try_files)',
    error_page: 'goes on after an error',
    rewrite: 'is rewritten and goes on',
    index: 'goes on (index)',
    auth_request: 'is asked about',
    mirror: 'is copied',
    post_action: 'is followed by one',
  };
  return `${when === 'sometimes' ? 'sometimes ' : ''}${how[kind]} to ${target}`;
}

function targetWords({ url, upstream }: ProxyTarget): string {
  if (upstream === null) return decoded(url);
  const { servers, balancing, zone, keepalive } = upstream;
  const facts = [
    `${servers.length} server${servers.length === 1 ? '' : 's'}`,
    ...(servers.length > 1 ? [balancing] : []),
    ...(zone === null ? [] : [`zone ${zone}`]),
    ...(keepalive.connections === 0 ? [] : [`keepalive ${keepalive.connections}`]),
  ];
  return `${decoded(url)} (${facts.join(', ')})`;
}

function arrivalsOf({ reachedBy }: Location, model: Effective): string[] {
  return reachedBy
    .filter(({ when }) => when !== 'subrequest')
    .map(({ kind, from, statement }) => `${decoded(from.label)} (${kind}, ${placeOf(statement, model)})`);
}

/** `nginx.conf:12`, with the block when that is not the location itself. */
function provenance(
  { from, statement }: { from: Scope | null; statement: Statement | null },
  location: Location,
  model: Effective,
): string {
  const place = placeOf(statement, model);
  if (from === null || from === location) return place;
  const block =
    from.kind === 'server' || from.kind === 'http' || from.kind === 'main' ? from.kind : decoded(from.label);
  return `${block}, ${place}`;
}

/** File and line; the file relative to the directory of the root. */
export function placeOf(statement: Statement | null, { configuration }: Effective): string {
  if (statement === null) return '';
  const { file } = statement.directive;
  const root = configuration.root.path;
  const directory = root.slice(0, root.lastIndexOf('/') + 1);
  const name = file.path.startsWith(directory) ? file.path.slice(directory.length) : file.path;
  return `${printable(decoded(name))}:${lineOf(statement.directive)}`;
}

function shown(args: readonly string[]): string {
  return printable(decoded(args.map(quoted).join(' ')));
}

function wrapped(texts: readonly string[], width: number): string[] {
  return texts.flatMap((text) => wrap(printable(text), width));
}
