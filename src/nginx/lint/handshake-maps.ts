/** The variables that Upgrade and Connection are best set to, and the maps that define them. */

import type { Edit } from '../../base/diagnostic.ts';
import type { Location, RequestKind, VariableMap } from '../effective/model.ts';
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

/**
 * The names of the maps that are added where there are none. The first two let WebSockets through and nothing else; the
 * third follows Upgrade, whatever protocol it names, so that what works (tcp for Docker, SPDY/3.1 for Kubernetes) goes
 * on working.
 */
const ownUpgrade = '$websocket_upgrade';
const ownConnection = '$websocket_connection';
const ownFollowing = '$upgrade_connection';

/**
 * Takes the maps that are there when they are right, and otherwise adds some. Null when there is no place for a map: in
 * a fragment of a server, maps have to go into another file.
 */
export function handshakeVariables(context: LintContext, location: Location): HandshakeVariables | null {
  const usable = usableMaps(context, location);
  const upgrade = usable.upgrade?.variable;
  const connection = usable.connection?.variable;
  if (upgrade !== undefined && connection !== undefined) return { upgrade, connection, edits: [] };
  const newUpgrade = freeName(context, ownUpgrade);
  const newConnection = freeName(context, ownConnection);
  const edit = httpLevelEdit(context, [
    ...(upgrade === undefined ? [mapLines(newUpgrade, 'websocket')] : []),
    ...(connection === undefined ? [mapLines(newConnection, 'upgrade')] : []),
  ]);
  if (edit === null) return null;
  return { upgrade: upgrade ?? newUpgrade, connection: connection ?? newConnection, edits: [edit] };
}

/**
 * The value to write behind `proxy_set_header Connection`, with the edits it needs, when only that header is at fault.
 */
export function connectionVariable(
  context: LintContext,
  location: Location,
): { value: string; edits: readonly Edit[] } | null {
  // Where other protocols get their Upgrade through, they need their Connection as well.
  const sent = context.handshake(location, 'h2c')?.upgrade;
  const follows = sent === undefined || !sent.known || sent.value !== '';
  const usable = usableMaps(context, location);
  const known = (follows ? usable.following : usable.connection)?.variable;
  if (known !== undefined) return { value: known, edits: [] };
  const value = freeName(context, follows ? ownFollowing : ownConnection);
  const edit = httpLevelEdit(context, [follows ? followingLines(value) : mapLines(value, 'upgrade')]);
  return edit === null ? null : { value, edits: [edit] };
}

/** A variable that is `websocket` for a WebSocket in any case of letters, without a pattern. */
export function literalUpgrade(context: LintContext): { value: string; edits: readonly Edit[] } | null {
  const known = choicesOf(context).literal.upgrade;
  if (known !== undefined) return { value: known.variable, edits: [] };
  const value = freeName(context, ownUpgrade);
  const edit = httpLevelEdit(context, [mapLines(value, 'websocket')]);
  return edit === null ? null : { value, edits: [edit] };
}

/** An edit that defines a variable which is used for Upgrade or Connection and is not defined. */
export function definition(context: LintContext, variable: string, header: 'upgrade' | 'connection'): Edit | null {
  return httpLevelEdit(context, [header === 'upgrade' ? mapLines(variable, 'websocket') : followingLines(variable)]);
}

/** Maps of patterns take $1 to $9 away from whoever uses them, because a match of a map is a match like any other. */
function usableMaps(context: LintContext, location: Location): MapChoice {
  const { any, literal } = choicesOf(context);
  return usesCaptures(context, location) ? literal : any;
}

/** The best map for each use; undefined where none of the maps is right. */
interface MapChoice {
  readonly upgrade: VariableMap | undefined;
  readonly connection: VariableMap | undefined;
  /** For Connection, where other protocols than WebSocket get through as well. */
  readonly following: VariableMap | undefined;
}

interface MapChoices {
  readonly any: MapChoice;
  /** Out of those that hold no pattern. */
  readonly literal: MapChoice;
}

/** Maps stand at http level and are the same for all locations, so they are looked through once. */
const choices = new WeakMap<LintContext, MapChoices>();

function choicesOf(context: LintContext): MapChoices {
  const known = choices.get(context);
  if (known !== undefined) return known;
  const maps = [...context.effective.maps.values()];
  const literal = maps.filter(({ entries }) => entries.every(({ regex }) => !regex));
  const made = { any: choiceOf(maps, context), literal: choiceOf(literal, context) };
  choices.set(context, made);
  return made;
}

function choiceOf(maps: readonly VariableMap[], context: LintContext): MapChoice {
  return {
    upgrade: maps.find((map) => isUpgradeMap(map, context)),
    connection: connectionMap(maps, context, { follows: false }),
    following: connectionMap(maps, context, { follows: true }),
  };
}

/** True when what is sent to the backend takes a part of the path. */
function usesCaptures(context: LintContext, location: Location): boolean {
  const url = location.handler.kind === 'proxy' ? location.handler.target.url : '';
  return [url, ...context.headers(location).map(({ value }) => value)].some((text) => /\$\{?[1-9]/.test(text));
}

function freeName({ effective }: LintContext, wanted: string): string {
  return effective.maps.has(wanted) ? `${wanted}_only` : wanted;
}

/**
 * A map that gives `upgrade` for a WebSocket (and, to follow, for other protocols) and nothing that spoils ordinary
 * requests.
 */
function connectionMap(
  maps: readonly VariableMap[],
  context: LintContext,
  { follows }: { follows: boolean },
): VariableMap | undefined {
  const gives = (map: VariableMap, kind: RequestKind) => {
    const value = context.resolve(map.variable, kind);
    return value.known ? value.value : null;
  };
  const right = maps.filter((map) => {
    const [webSocket, plain, other] = [gives(map, 'websocket'), gives(map, 'plain'), gives(map, 'h2c')];
    if (webSocket === null || plain === null || !isUpgradeToken(webSocket) || isUpgradeToken(plain)) return false;
    return !follows || (other !== null && isUpgradeToken(other));
  });
  const quality = (map: VariableMap) => (gives(map, 'plain') === '' ? 2 : 0) + (gives(map, 'h2c') === '' ? 1 : 0);
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

/**
 * Lines without indentation; the inner ones have one step. A literal key knows no case of letters, and takes no $1
 * away.
 */
function mapLines(variable: string, value: string): readonly string[] {
  return [`map $http_upgrade ${variable} {`, '\tdefault "";', `\twebsocket ${value};`, '}'];
}

function followingLines(variable: string): readonly string[] {
  return [`map $http_upgrade ${variable} {`, '\tdefault upgrade;', '\t"" "";', '}'];
}

/**
 * Where maps go: in front of the server of the first WebSocket location when that stands at http level in a file of its
 * own, else at the start of `http`. All fixes take the same place, so that together they add one pair of maps.
 */
function httpLevelEdit(context: LintContext, groups: readonly (readonly string[])[]): Edit | null {
  const lines = groups.flat();
  const known = edits.get(context) ?? new Map<string, Edit | null>();
  edits.set(context, known);
  const key = lines.join('\n');
  if (!known.has(key)) known.set(key, makeHttpLevelEdit(context, lines));
  return known.get(key)!;
}

/** Every location asks for the same few. */
const edits = new WeakMap<LintContext, Map<string, Edit | null>>();

function makeHttpLevelEdit(
  { configuration, effective, webSockets }: LintContext,
  lines: readonly string[],
): Edit | null {
  const server = effective.http?.statement == null ? undefined : webSockets[0]?.location.server.statement;
  if (server?.parent != null && server.directive.parent === null && server.parent.directive.name === 'http')
    return insertTextBefore(server.directive, lines);
  if (effective.http?.statement != null) return insertTextInto(effective.http.statement.directive, lines);
  const first = configuration.root.directives[0];
  if (configuration.context.join() !== 'http' || first === undefined) return null;
  return insertTextBefore(first, lines);
}
