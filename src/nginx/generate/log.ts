/**
 * The access log: one line for each handshake and request, written when it ends, whose fields answer what people ask.
 */

import { mapBlock, upgradeVariable } from './maps.ts';
import { entry, type GeneratedLine, line, type Node } from './nodes.ts';
import { followedFields, openingFields, openingFormat } from './openings.ts';
import { type GenerateTask, hasTls, type Site } from './site.ts';

export const logFormat = 'websocket';
/** The outcome of a request that asks for no WebSocket. */
export const plainRequest = 'request';
const outcomeVariable = '$websocket_outcome';

/** Buffered: after a cut thousands of lines come in one moment, and each would be a write of its own. */
const logBuffer = ['buffer=64k', 'flush=5s'];

export interface LogField {
  readonly name: string;
  readonly variable: string;
  readonly answers: string;
}

/** The query is left out on purpose: browsers cannot set headers on a handshake, so tokens stand there. */
export const logFields: readonly LogField[] = [
  { name: 'ended', variable: '$time_iso8601', answers: 'when it closed: a line is written at the end' },
  { name: 'life', variable: '$request_time', answers: 'seconds from the request to the close, the whole life' },
  { name: 'outcome', variable: outcomeVariable, answers: 'in a word: upgraded, or what went wrong' },
  { name: 'status', variable: '$status', answers: '101 for an upgrade, however it ended' },
  {
    name: 'handshake',
    variable: '$upstream_header_time',
    answers: 'seconds until the server answered, apart from life',
  },
  { name: 'connect', variable: '$upstream_connect_time', answers: 'seconds until the server accepted' },
  { name: 'to_client', variable: '$bytes_sent', answers: 'bytes to the client, the tunnel included' },
  {
    name: 'to_server',
    variable: '$upstream_bytes_sent',
    answers: 'bytes to the server; $request_length is the handshake alone',
  },
  { name: 'server', variable: '$upstream_addr', answers: 'who served it; a list after a second try' },
  { name: 'server_status', variable: '$upstream_status', answers: 'what the server said' },
  { name: 'client', variable: '$remote_addr', answers: 'from where' },
  { name: 'origin', variable: '$http_origin', answers: 'from which page' },
  { name: 'host', variable: '$host', answers: 'for which host' },
  { name: 'path', variable: '$uri', answers: 'for which path; without the query, which often holds a token' },
  { name: 'connection', variable: '$connection', answers: 'the connection’s number, which error.log has too' },
  { name: 'worker', variable: '$pid', answers: 'which worker: an old one after a reload' },
];

const tlsFields: readonly LogField[] = [
  { name: 'tls', variable: '$ssl_protocol', answers: 'version of TLS' },
  {
    name: 'resumed',
    variable: '$ssl_session_reused',
    answers: 'r when the session was resumed, which costs no signature',
  },
];

/**
 * `status : time until the server answered`. The time is empty when no server was asked and `-` when none answered,
 * which is how nginx's own refusals are told from the servers'.
 */
const outcomes: readonly (readonly [key: string, outcome: string])[] = [
  ['~^websocket:101:', 'upgraded'],
  ['websocket:403:', 'refused'],
  ['websocket:429:', 'over-limit'],
  ['websocket:404:', 'no-route'],
  ['websocket:400:', 'malformed'],
  ['~^websocket:499:', 'client-left'],
  ['~^websocket:500:(?:-|$)', 'no-free-connection'],
  ['~^websocket:502:', 'server-unreachable'],
  ['~^websocket:504:', 'server-silent'],
  ['~^websocket:40[13]:', 'refused-by-server'],
  ['~^websocket:[23]', 'not-upgraded'],
  ['~^websocket:', 'failed'],
];

export function logging(task: GenerateTask): Node[] {
  const fields = fieldsOf(task.site);
  return [
    { heading: 'One line for each WebSocket, written when it closes.' },
    mapBlock(
      `${upgradeVariable}:$status:$upstream_header_time`,
      outcomeVariable,
      'status 101 says nothing of the end, and 500 does not say whose it is: this names what can be told',
      outcomes.map(([key, outcome]) => entry(key, outcome)),
      plainRequest,
    ),
    {
      ...line(
        'log_format',
        [logFormat, 'escape=json', ...fields.map((field, index) => pair(field, index, fields.length))],
        fields.map((field) => `${field.name}: ${field.answers}`).join('; '),
      ),
      breakAt: 2,
    },
    ...openingFormats(task.site),
  ];
}

/** For whoever follows the log: what it needs beside the fields of people. */
function openingFormats(site: Site): GeneratedLine[] {
  if (site.tellsOpenings !== true) return [];
  const fields = openingFields(site);
  const pairs = fields.map((field, index) => pair(field, index, fields.length));
  return [
    { ...line('log_format', [openingFormat, 'escape=json', ...pairs], 'a handshake as it begins'), breakAt: 2 },
    line('uninitialized_variable_warn', ['off'], 'requests that no route takes have no route, which is no fault'),
  ];
}

export function accessLog({ site }: GenerateTask): GeneratedLine {
  if (site.tellsOpenings === true)
    return line(
      'access_log',
      [site.paths.accessLog, logFormat],
      'unbuffered: beginnings and ends stand in their order, and a worker that is killed takes no line with it',
    );
  return line(
    'access_log',
    [site.paths.accessLog, logFormat, ...logBuffer],
    'after a cut thousands of lines come at once; the buffer makes few writes of them, and within 5 seconds they are there',
  );
}

/** Handshakes that a list of origins in report mode would refuse. */
export function reportLog({ site }: GenerateTask, variable: string): GeneratedLine {
  return line(
    'access_log',
    [`${site.paths.accessLog.replace(/\.log$/, '')}-origins.log`, logFormat, ...logBuffer, `if=${variable}`],
    'the handshakes that will be refused once the list of origins is enforced; read it before you do',
  );
}

function fieldsOf(site: Site): readonly LogField[] {
  const fields = hasTls(site) ? [...logFields, ...tlsFields] : logFields;
  if (site.tellsOpenings !== true) return fields;
  return [...fields, ...followedFields(site).map((field) => ({ ...field, answers: 'for whoever follows the log' }))];
}

function pair({ name, variable }: Pick<LogField, 'name' | 'variable'>, index: number, count: number): string {
  return `${index === 0 ? '{' : ''}"${name}":"${variable}"${index === count - 1 ? '}' : ','}`;
}
