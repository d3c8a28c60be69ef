/** The variables that Upgrade and Connection are best set to, and the maps that define them. */

import type { Edit } from '../../base/diagnostic.ts';
import type { VariableMap } from '../effective/model.ts';
import { insertTextBefore, insertTextInto } from './fixes/edit.ts';
import type { LintContext } from './rule.ts';

export interface HandshakeVariables {
  /** What to write behind `proxy_set_header Upgrade`. */
  readonly upgrade: string;
  /** What to write behind `proxy_set_header Connection`. */
  readonly connection: string;
  /** What has to be added so that both are defined; empty when the configuration has them. */
  readonly edits: readonly Edit[];
}

/** The names of the maps that are added where there are none. They let WebSockets through and nothing else. */
const ownUpgrade = '$websocket_upgrade';
const ownConnection = '$websocket_connection';

/**
 * Takes the maps that are there when they are right, and otherwise adds some. Null when there is no place for a map: in
 * a fragment of a server, maps have to go into another file.
 */
export function handshakeVariables(context: LintContext): HandshakeVariables | null {
  const maps = [...context.effective.maps.values()];
  const upgrade = maps.find((map) => isUpgradeMap(map, context))?.variable;
  const connection = connectionMap(maps, context)?.variable;
  if (upgrade !== undefined && connection !== undefined) return { upgrade, connection, edits: [] };
  const missing = [
    ...(upgrade === undefined ? [mapLines(ownUpgrade, 'websocket')] : []),
    ...(connection === undefined ? [mapLines(ownConnection, 'upgrade')] : []),
  ];
  const edit = httpLevelEdit(context, missing);
  if (edit === null) return null;
  return { upgrade: upgrade ?? ownUpgrade, connection: connection ?? ownConnection, edits: [edit] };
}

/** The value to write behind `proxy_set_header Connection`, with the edits it needs, when only that header is at fault. */
export function connectionVariable(context: LintContext): { value: string; edits: readonly Edit[] } | null {
  const known = connectionMap([...context.effective.maps.values()], context)?.variable;
  if (known !== undefined) return { value: known, edits: [] };
  const edit = httpLevelEdit(context, [mapLines(ownConnection, 'upgrade')]);
  return edit === null ? null : { value: ownConnection, edits: [edit] };
}

/** An edit that defines a variable which is used for Upgrade or Connection and is not defined. */
export function definition(context: LintContext, variable: string, header: 'upgrade' | 'connection'): Edit | null {
  return httpLevelEdit(context, [mapLines(variable, header === 'upgrade' ? 'websocket' : 'upgrade')]);
}

/** A map that gives `upgrade` for a WebSocket and nothing that keeps ordinary requests from working. */
function connectionMap(maps: readonly VariableMap[], context: LintContext): VariableMap | undefined {
  const right = maps.filter((map) => {
    const webSocket = context.resolve(map.variable, 'websocket');
    const plain = context.resolve(map.variable, 'plain');
    return webSocket.known && plain.known && isUpgradeToken(webSocket.value) && !isUpgradeToken(plain.value);
  });
  const quality = (map: VariableMap) => {
    const plain = context.resolve(map.variable, 'plain');
    const h2c = context.resolve(map.variable, 'h2c');
    return (plain.known && plain.value === '' ? 2 : 0) + (h2c.known && h2c.value === '' ? 1 : 0);
  };
  return right.toSorted((a, b) => quality(b) - quality(a))[0];
}

function isUpgradeMap(map: VariableMap, context: LintContext): boolean {
  const [webSocket, h2c, plain] = (['websocket', 'h2c', 'plain'] as const).map((kind) =>
    context.resolve(map.variable, kind),
  );
  const isWebSocket = webSocket!.known && webSocket!.value.toLowerCase() === 'websocket';
  return isWebSocket && [h2c!, plain!].every((other) => other.known && other.value === '');
}

function isUpgradeToken(value: string): boolean {
  return value
    .toLowerCase()
    .split(/[\s,]+/)
    .includes('upgrade');
}

/** Lines without indentation; the inner ones have one step. */
function mapLines(variable: string, value: string): readonly string[] {
  return [`map $http_upgrade ${variable} {`, '\tdefault "";', `\t"~*^websocket$" ${value};`, '}'];
}

/**
 * Where maps go: in front of the server of the first WebSocket location when that stands at http level in a file of its
 * own, else at the start of `http`. All fixes take the same place, so that together they add one pair of maps.
 */
function httpLevelEdit(context: LintContext, groups: readonly (readonly string[])[]): Edit | null {
  const { configuration, effective } = context;
  const lines = groups.flat();
  const server = effective.http?.statement == null ? undefined : context.webSockets[0]?.location.server.statement;
  if (server?.parent != null && server.directive.parent === null && server.parent.directive.name === 'http')
    return insertTextBefore(server.directive, lines);
  if (effective.http?.statement != null) return insertTextInto(effective.http.statement.directive, lines);
  const first = configuration.root.directives[0];
  if (configuration.context.join() !== 'http' || first === undefined) return null;
  return insertTextBefore(first, lines);
}
