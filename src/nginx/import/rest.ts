/**
 * Lines that no part of the import has spoken of: each gets the verdict on its directive, so that nothing goes without
 * a word.
 */

import { conditionOf } from '../effective/condition.ts';
import type { Location, Scope, Server } from '../effective/model.ts';
import { variablesIn } from '../facts/variables.ts';
import type { Statement } from '../syntax/tree.ts';
import type { ImportTask } from './task.ts';
import { verdictOn } from './verdicts.ts';

export interface ImportedParts {
  readonly servers: readonly Server[];
  /** Locations that became routes. */
  readonly entries: ReadonlySet<Location>;
  readonly all: boolean;
}

export function sayTheRest(task: ImportTask, imported: ImportedParts): void {
  const { model } = task;
  for (const scope of [model.main, model.events, model.http]) if (scope !== null) lines(task, scope);
  for (const statement of model.http?.own.get('server') ?? []) {
    const server = model.servers.find((each) => each.statement === statement);
    if (server !== undefined && imported.servers.includes(server)) inServer(task, server, imported);
    else if (!task.ledger.has(statement))
      task.ledger.notNeeded(statement, 'no WebSocket location in it becomes a route');
  }
}

function inServer(task: ImportTask, server: Server, imported: ImportedParts): void {
  if (server.statement !== null) task.ledger.kept(server.statement, 'routes for its hosts');
  lines(task, server);
  for (const location of task.model.locations) if (location.server === server) inLocation(task, location, imported);
}

function inLocation(task: ImportTask, location: Location, imported: ImportedParts): void {
  const { ledger } = task;
  const { statement, handler } = location;
  if (statement === null) return;
  // Its fate was told, with the routes that lead there or the reason that there are none.
  if (ledger.has(statement) || location.kind !== 'location') {
    lines(task, location);
    return;
  }
  if (location.own.has('internal')) {
    ledger.notNeeded(statement, 'only nginx itself comes here');
    return;
  }
  if (handler.kind === 'proxy' || location.modifier === '@') {
    ledger.notNeeded(statement, 'it carries no WebSockets, and stays with nginx; --all makes a route of it');
    return;
  }
  const taken = [...imported.entries].some((each) => each.server === location.server && each.pattern === '/');
  if (handler.kind === 'return' && handler.status === 404 && !taken) {
    ledger.notNeeded(statement, 'what no route takes gets 404 from the edge, too');
    return;
  }
  const who = taken ? 'the route for / takes its requests' : 'its requests get 404';
  ledger.lost(statement, `it ${doing[handler.kind] ?? 'answers by itself'}, which the edge does not; ${who}`);
}

const doing: Readonly<Record<string, string>> = {
  static: 'serves files',
  return: 'answers or redirects by itself',
  lua: 'answers from Lua',
  grpc: 'speaks gRPC',
  fastcgi: 'speaks FastCGI',
  uwsgi: 'speaks uwsgi',
  scgi: 'speaks SCGI',
  memcached: 'asks memcached',
};

const blocks = new Set(['server', 'location', 'http', 'events', 'types', 'stream', 'mail', 'include']);

function lines(task: ImportTask, scope: Scope): void {
  for (const statements of scope.own.values())
    for (const statement of statements) {
      if (blocks.has(statement.directive.name) && statement.directive.name !== 'stream') continue;
      const isTold = task.ledger.has(statement);
      if (!isTold) say(task, statement);
      if (statement.directive.name === 'upstream' && isTold) inside(task, statement);
      if (statement.directive.name === 'if') inside(task, statement);
    }
}

function inside(task: ImportTask, { children }: Statement): void {
  for (const child of children) if (!task.ledger.has(child)) say(task, child);
}

function say(task: ImportTask, statement: Statement): void {
  const { ledger } = task;
  const { name } = statement.directive;
  const special = specials[name];
  if (special !== undefined) {
    special(task, statement);
    return;
  }
  if (/_by_lua(?:_block|_file)?$|^lua_/.test(name)) {
    ledger.lost(
      statement,
      'Lua of nginx does not run in the edge; write the same in TypeScript in a hooks module (docs/hooks.md)',
    );
    return;
  }
  const verdict = verdictOn(name);
  if (verdict === undefined) ledger.lost(statement, 'Holdline does not know what it would be in the spec');
  else if (verdict.outcome === 'lost') ledger.lost(statement, verdict.text);
  else ledger.notNeeded(statement, verdict.text);
}

const specials: Readonly<Record<string, (task: ImportTask, statement: Statement) => void>> = {
  map: ({ ledger }, statement) =>
    ledger.notNeeded(
      statement,
      /^\$\{?http_(?:upgrade|connection)\}?$/.test(statement.directive.args[0] ?? '')
        ? 'the edge passes the upgrade on by itself'
        : 'its values stand where they are used',
    ),
  upstream: ({ ledger }, statement) => ledger.notNeeded(statement, 'no route leads to it'),
  set: ({ ledger }, statement) => ledger.notNeeded(statement, 'its value stands where it is used'),
  rewrite: ({ ledger }, statement) =>
    ledger.notNeeded(statement, 'what it makes of the paths of the routes is in their path rules'),
  return: ({ ledger }, statement) => {
    const around = statement.parent?.directive.name;
    if (around === 'if') {
      ledger.notNeeded(statement, 'see its "if"');
      return;
    }
    ledger.lost(statement, 'the edge answers and redirects nothing by itself');
  },
  if: condition,
  proxy_pass: ({ ledger }, statement) => ledger.notNeeded(statement, 'no route leads here'),
  resolver: ({ ledger }, statement) =>
    ledger.notNeeded(statement, 'the edge asks the name server of the system, every 10 s (upstreams.*.resolve)'),
};

/** What conditions are about when they are not about origins, by a variable in them. */
const about: readonly (readonly [RegExp, 'notNeeded' | 'lost', string])[] = [
  [/^http_(?:upgrade|connection)$/, 'notNeeded', 'the edge tells handshakes and ordinary requests apart by itself'],
  [/^http_sec_websocket_/, 'notNeeded', 'the edge checks the handshake by itself'],
  [
    /^(?:scheme|https|http_x_forwarded_proto)$/,
    'lost',
    'the edge redirects nothing; leave the redirect to https to nginx or to the server',
  ],
  [/^host$|^http_host$|^server_name$/, 'lost', 'write a route for each host'],
];

function condition({ ledger, model }: ImportTask, statement: Statement): void {
  const subject = conditionOf(statement.directive)?.subject ?? '';
  const names = variablesIn(statement.directive.args.join(' ')).map(({ name }) => name);
  const behind = names.flatMap((name) => [
    name,
    ...variablesIn(model.maps.get(`$${name}`)?.source ?? '').map((use) => use.name),
  ]);
  const found = about.find(([pattern]) => behind.some((name) => pattern.test(name)));
  if (found !== undefined) {
    ledger[found[1]](statement, found[2]);
    return;
  }
  ledger.lost(
    statement,
    `what depends on ${subject === '' ? 'files' : subject} needs code: decide it in onHandshake of a hooks module, or in the server`,
  );
}
