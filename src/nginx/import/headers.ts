/**
 * Headers to the server and to the client: proxy_set_header, proxy_hide_header and add_header as rules of the route.
 */
import { backendHeaders } from '../effective/headers.ts';
import type { BackendHeader } from '../effective/model.ts';
import { assumptionsOf, resolveLocation } from '../effective/resolve.ts';
import { valueIn } from '../effective/values.ts';
import { variablesIn } from '../facts/variables.ts';
import type { Statement } from '../syntax/tree.ts';
import type { ImportedHeaders } from './model.ts';
import type { RouteTask } from './task.ts';

/** Those of the hop, of the handshake or of the body, which no route may change. */
const ofTheEdge = /^(?:connection|upgrade|keep-alive|te|trailer|transfer-encoding|content-length|sec-websocket-.*)$/i;

export function headersTo(task: RouteTask): void {
  const toServer: ImportedHeaders = {};
  const headers = backendHeaders(task.model, task.final);
  for (const header of headers) toServerOf(task, header, toServer);
  const toClient: ImportedHeaders = {};
  for (const statement of valueIn(task.model, task.final, 'add_header').statements)
    toClientOf(task, statement, toClient);
  for (const statement of valueIn(task.model, task.final, 'proxy_hide_header').statements) {
    const [name = ''] = statement.directive.args;
    if (ofTheEdge.test(name)) {
      task.ledger.lost(statement, 'the edge writes the headers of the connection by itself');
      continue;
    }
    toClient.remove = [...(toClient.remove ?? []), name];
    task.ledger.kept(statement, `headers.toClient.remove: ${name}`);
  }
  const made = {
    ...(Object.keys(toServer).length > 0 && { toServer }),
    ...(Object.keys(toClient).length > 0 && { toClient }),
  };
  if (Object.keys(made).length > 0) task.route.headers = made;
}

/** What the edge does about these headers by itself, by name. A value of null stands for any. */
const byItself: Readonly<Record<string, readonly { readonly value: RegExp | null; readonly text: string }[]>> = {
  upgrade: [{ value: null, text: 'the edge passes the upgrade on by itself' }],
  connection: [
    { value: null, text: 'the edge passes the upgrade on by itself, and keeps connections of ordinary requests' },
  ],
  'keep-alive': [{ value: null, text: 'it belongs to one hop' }],
  expect: [{ value: null, text: 'the edge answers it by itself' }],
  'proxy-connection': [{ value: null, text: 'it belongs to one hop' }],
  'content-length': [{ value: null, text: 'the edge frames bodies by itself' }],
  'transfer-encoding': [{ value: null, text: 'the edge frames bodies by itself' }],
  host: [
    { value: /^\$\{?(?:http_host|host)\}?$/, text: 'Host goes on as the client wrote it, with its port' },
    { value: /^\$\{?host\}?:\$\{?server_port\}?$/, text: 'Host goes on as the client wrote it, with its port' },
  ],
  'x-forwarded-for': [
    {
      value:
        /\$\{?(?:proxy_add_x_forwarded_for|remote_addr|realip_remote_addr|http_x_forwarded_for|binary_remote_addr)\}?$/,
      text: 'the edge writes it: the client, and the trusted proxies on the way',
    },
  ],
  'x-real-ip': [{ value: /^\$\{?(?:realip_)?remote_addr\}?$/, text: 'the edge writes it: the client' }],
  'x-forwarded-host': [
    {
      value: /^\$\{?(?:http_host|host)\}?(?::\$server_port)?$/,
      text: 'the edge writes it: the host that the client asked for',
    },
  ],
  'x-forwarded-proto': [
    {
      value: /^\$\{?(?:scheme|http_x_forwarded_proto)\}?$/,
      text: 'the edge writes it, as the client or a trusted proxy says',
    },
  ],
};

/** Variables that stand for the same thing in a header of the spec. */
const templates: Readonly<Record<string, string>> = {
  remote_addr: '$client_address',
  realip_remote_addr: '$client_address',
  remote_port: '$client_port',
  scheme: '$scheme',
  host: '$host',
  http_host: '$host',
  http_origin: '$origin',
  uri: '$path',
  document_uri: '$path',
  ssl_client_s_dn: '$client_subject',
};

function toServerOf(task: RouteTask, header: BackendHeader, into: ImportedHeaders): void {
  const { ledger, model, final } = task;
  const { name, key, value, statement } = header;
  const say = (outcome: 'kept' | 'notNeeded' | 'lost', text: string) => {
    if (statement !== null) ledger[outcome](statement, text);
  };
  const own = byItself[key]?.find((each) => each.value === null || each.value.test(value));
  if (own !== undefined) {
    say('notNeeded', own.text);
    return;
  }
  const passed = `http_${key.replaceAll('-', '_')}`;
  if (value === `$${passed}` || value === `\${${passed}}`) {
    say('notNeeded', `${name} goes on as the client wrote it`);
    return;
  }
  if (key === 'sec-websocket-extensions' && value === '') {
    task.route.compression = 'off';
    say('kept', 'compression: off');
    return;
  }
  if (key.startsWith('sec-websocket-')) {
    say('lost', 'the headers of the handshake are the edge’s to write; subprotocol adds and removes subprotocols');
    return;
  }
  if (value === '') {
    into.remove = [...(into.remove ?? []), name];
    say('kept', `headers.toServer.remove: ${name}`);
    return;
  }
  // Chosen by the authorizer; it is said with auth_request_set.
  if (task.route.handshake?.authorize?.headers?.some((each) => each.toLowerCase() === key)) {
    say('kept', 'handshake.authorize.headers');
    return;
  }
  const known = resolveLocation(model, final, value, assumptionsOf.websocket);
  const text = known.known ? known.value.replaceAll('$', '$$$$') : templateOf(value);
  if (text === null) {
    say('lost', lostBecause(name, value));
    return;
  }
  if (text === '') {
    into.remove = [...(into.remove ?? []), name];
    say('kept', `headers.toServer.remove: ${name}, since its value is empty for a handshake`);
    return;
  }
  into.set = { ...into.set, [name]: text };
  say('kept', `headers.toServer.set: { ${name}: ${text} }`);
}

function toClientOf(task: RouteTask, statement: Statement, into: ImportedHeaders): void {
  const [name = '', value = '', always] = statement.directive.args;
  const { ledger, model, final } = task;
  const known = resolveLocation(model, final, value, assumptionsOf.websocket);
  const text = known.known ? known.value.replaceAll('$', '$$$$') : templateOf(value);
  if (text === null) {
    ledger.lost(statement, lostBecause(name, value));
    return;
  }
  // Of two lines with one name the spec can say one.
  if (into.add?.[name] !== undefined) {
    ledger.lost(
      statement,
      `the spec adds one header of a name, and ${name} is added before; let the server send this one`,
    );
    return;
  }
  if (ofTheEdge.test(name)) {
    ledger.lost(statement, 'the edge writes the headers of the connection by itself');
    return;
  }
  into.add = { ...into.add, [name]: text };
  ledger.kept(
    statement,
    `headers.toClient.add: { ${name}: ${text} }${always === 'always' ? '' : ', on all answers, the 101 among them'}`,
  );
}

/** The value with the spec's variables; null where one has no counterpart. */
function templateOf(value: string): string | null {
  let made = '';
  let at = 0;
  for (const { name, offset } of variablesIn(value)) {
    if (!Object.hasOwn(templates, name)) return null;
    const braces = value[offset + 1] === '{';
    const text = templates[name]!;
    made += value.slice(at, offset) + (braces ? `\${${text.slice(1)}}` : text);
    at = offset + name.length + (braces ? 3 : 1);
  }
  return made + value.slice(at);
}

function lostBecause(name: string, value: string): string {
  const unknown = variablesIn(value).filter((use) => !Object.hasOwn(templates, use.name));
  const names = [...new Set(unknown.map((use) => `$${use.name}`))].join(', ');
  return `the spec has no ${names}; let onHandshake of a hooks module set ${name}, or do without it`;
}
