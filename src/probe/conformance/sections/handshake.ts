/** The opening handshake: RFC 6455, 4.1 and 4.2. Autobahn has no cases for it. */
import { randomBytes } from 'node:crypto';
import { dial } from '../../../client/dial/dial.ts';
import type { DialOptions } from '../../../client/dial/options.ts';
import { headerValues } from '../../../ws/head.ts';
import { withHeader } from '../../checks/handshake.ts';
import { type Arena, type Case, failed, nonStrict, passed, type Section } from '../case.ts';

type Headers = readonly string[];
type Change = (headers: Headers) => Headers;

interface Row {
  readonly name: string;
  readonly change?: Change;
  readonly options?: DialOptions;
  readonly rfc: string;
  /** What is seen often and harms nobody. */
  readonly tolerated?: boolean;
}

const set =
  (name: string, value: string | null): Change =>
  (headers) =>
    withHeader(headers, name, value);
const add =
  (...extra: string[]): Change =>
  (headers) => [...headers, ...extra];
const names =
  (write: (name: string) => string): Change =>
  (headers) =>
    headers.map((text, i) => (i % 2 === 0 ? write(text) : text));

const upgraded: readonly Row[] = [
  { name: 'the handshake as it should be', rfc: 'RFC 6455, 4.1' },
  { name: 'header names in lower case', change: names((name) => name.toLowerCase()), rfc: 'RFC 9110, 5.1' },
  { name: 'header names in upper case', change: names((name) => name.toUpperCase()), rfc: 'RFC 9110, 5.1' },
  {
    name: 'headers in reverse order',
    change: (headers) => headers.map((_, i) => headers[i % 2 === 0 ? headers.length - 2 - i : headers.length - i]!),
    rfc: 'RFC 9110, 5.3',
  },
  { name: 'Upgrade: WebSocket', change: set('Upgrade', 'WebSocket'), rfc: 'RFC 6455, 4.2.1' },
  { name: 'Upgrade: WEBSOCKET', change: set('Upgrade', 'WEBSOCKET'), rfc: 'RFC 6455, 4.2.1' },
  { name: 'Connection: upgrade', change: set('Connection', 'upgrade'), rfc: 'RFC 6455, 4.2.1' },
  { name: 'Connection: keep-alive, Upgrade', change: set('Connection', 'keep-alive, Upgrade'), rfc: 'RFC 6455, 4.2.1' },
  { name: 'Connection: Upgrade,keep-alive', change: set('Connection', 'Upgrade,keep-alive'), rfc: 'RFC 6455, 4.2.1' },
  {
    name: 'two Connection headers',
    change: (headers) => ['Connection', 'keep-alive', ...headers],
    rfc: 'RFC 9110, 5.3',
  },
  {
    name: 'blanks around values',
    change: (headers) => headers.map((text, i) => (i % 2 === 1 && headers[i - 1] !== 'Host' ? `  ${text}  ` : text)),
    rfc: 'RFC 9112, 5.1',
  },
  { name: 'an unknown header', change: add('X-Nobody-Knows', 'anything: at "all" ;,'), rfc: 'RFC 9110, 5.1' },
  {
    name: 'forty more headers',
    change: add(...Array.from({ length: 40 }, (_, i) => [`X-More-${i}`, 'x']).flat()),
    rfc: 'RFC 9110, 5.4',
  },
  { name: 'a cookie of 2000 bytes', change: add('Cookie', `a=${'x'.repeat(1998)}`), rfc: 'RFC 9110, 5.4' },
  { name: 'Origin: null', change: add('Origin', 'null'), rfc: 'RFC 6455, 4.1', tolerated: true },
  {
    name: 'an unknown extension is offered',
    options: { extensions: 'x-nobody-knows; level=9' },
    rfc: 'RFC 6455, 9.1',
  },
  {
    name: 'an extension with a quoted parameter',
    options: { extensions: 'x-nobody-knows; level="9"' },
    rfc: 'RFC 6455, 9.1',
  },
  {
    name: 'two Sec-WebSocket-Extensions headers',
    change: add('Sec-WebSocket-Extensions', 'x-one', 'Sec-WebSocket-Extensions', 'x-two'),
    rfc: 'RFC 6455, 11.3.2',
  },
  {
    name: 'an unknown subprotocol',
    options: { subprotocols: ['x-nobody-knows'] },
    rfc: 'RFC 6455, 4.2.2',
    tolerated: true,
  },
  { name: 'a key of zeros', options: { tweaks: { key: Buffer.alloc(16).toString('base64') } }, rfc: 'RFC 6455, 4.2.2' },
  {
    name: 'a key of ones',
    options: { tweaks: { key: Buffer.alloc(16, 0xff).toString('base64') } },
    rfc: 'RFC 6455, 4.2.2',
  },
  {
    name: 'a key with + and /',
    options: { tweaks: { key: Buffer.from('fbeffbbe'.repeat(4), 'hex').toString('base64') } },
    rfc: 'RFC 6455, 4.2.2',
  },
  { name: 'Content-Length: 0', change: add('Content-Length', '0'), rfc: 'RFC 9110, 8.6', tolerated: true },
];

const noVersion = 'RFC 6455, 4.2.1 item 6';
const noKey = 'RFC 6455, 4.2.1 item 5';

const refused: readonly Row[] = [
  { name: 'HTTP/1.0', options: { tweaks: { httpVersion: '1.0' } }, rfc: 'RFC 6455, 4.2.1 item 1', tolerated: true },
  ...['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'].map((method) => ({
    name: `the method ${method}`,
    options: { tweaks: { method } },
    rfc: 'RFC 6455, 4.2.1 item 1',
  })),
  { name: 'no Host', change: set('Host', null), rfc: 'RFC 9112, 3.2', tolerated: true },
  { name: 'two different Hosts', change: add('Host', 'other.example'), rfc: 'RFC 9112, 3.2', tolerated: true },
  { name: 'no Upgrade', change: set('Upgrade', null), rfc: 'RFC 6455, 4.2.1 item 3' },
  { name: 'an empty Upgrade', change: set('Upgrade', ''), rfc: 'RFC 6455, 4.2.1 item 3' },
  { name: 'Upgrade: h2c', change: set('Upgrade', 'h2c'), rfc: 'RFC 6455, 4.2.1 item 3' },
  { name: 'Upgrade: websocketx', change: set('Upgrade', 'websocketx'), rfc: 'RFC 6455, 4.2.1 item 3' },
  { name: 'no Connection', change: set('Connection', null), rfc: 'RFC 6455, 4.2.1 item 4' },
  { name: 'Connection: keep-alive', change: set('Connection', 'keep-alive'), rfc: 'RFC 6455, 4.2.1 item 4' },
  { name: 'Connection: close', change: set('Connection', 'close'), rfc: 'RFC 6455, 4.2.1 item 4' },
  { name: 'Connection: upgrades', change: set('Connection', 'upgrades'), rfc: 'RFC 6455, 4.2.1 item 4' },
  { name: 'no key', change: set('Sec-WebSocket-Key', null), rfc: noKey },
  { name: 'an empty key', change: set('Sec-WebSocket-Key', ''), rfc: noKey },
  { name: 'a key of 15 bytes', change: set('Sec-WebSocket-Key', randomBytes(15).toString('base64')), rfc: noKey },
  { name: 'a key of 17 bytes', change: set('Sec-WebSocket-Key', randomBytes(17).toString('base64')), rfc: noKey },
  {
    name: 'a key without padding',
    change: set('Sec-WebSocket-Key', randomBytes(16).toString('base64').slice(0, 22)),
    rfc: noKey,
  },
  { name: 'a key that is not base64', change: set('Sec-WebSocket-Key', '!'.repeat(22).concat('==')), rfc: noKey },
  { name: 'two keys', change: add('Sec-WebSocket-Key', randomBytes(16).toString('base64')), rfc: 'RFC 6455, 11.3.1' },
  { name: 'no version', change: set('Sec-WebSocket-Version', null), rfc: noVersion },
  ...['', '0', '7', '8', '12', '14', '99', '256', 'abc', '13.0', '-13', '13, 8'].map((version) => ({
    name: `the version “${version}”`,
    change: set('Sec-WebSocket-Version', version),
    rfc: noVersion,
    // The last draft, which browsers of 2011 spoke, differs from 13 in the name of a header only; 13.0 is 13 to a
    // number.
    tolerated: version === '8' || version === '13.0',
  })),
  { name: 'two different versions', change: add('Sec-WebSocket-Version', '8'), rfc: 'RFC 6455, 11.3.5' },
  {
    name: 'a subprotocol with a space in it',
    change: add('Sec-WebSocket-Protocol', 'two words'),
    rfc: 'RFC 6455, 4.1 item 10',
    tolerated: true,
  },
  {
    name: 'a subprotocol in quotes',
    change: add('Sec-WebSocket-Protocol', '"quoted"'),
    rfc: 'RFC 6455, 4.1 item 10',
    tolerated: true,
  },
  {
    name: 'an extension that is not a token',
    change: add('Sec-WebSocket-Extensions', 'no token'),
    rfc: 'RFC 6455, 9.1',
    tolerated: true,
  },
  {
    name: 'an extension parameter without a name',
    change: add('Sec-WebSocket-Extensions', 'x-one; =1'),
    rfc: 'RFC 6455, 9.1',
    tolerated: true,
  },
  {
    name: 'an unclosed quote in an extension',
    change: add('Sec-WebSocket-Extensions', 'x-one; a="b'),
    rfc: 'RFC 6455, 9.1',
    tolerated: true,
  },
];

export const handshakeSection: Section = {
  id: 'handshake',
  title: 'Opening handshake',
  cases: [...upgraded.map((row) => mustUpgrade(row)), ...refused.map((row) => mustRefuse(row)), ...rawCases()],
};

function mustUpgrade(row: Row): Case {
  return {
    name: row.name,
    rfc: row.rfc,
    expected: '101, and a right one',
    play: async (arena) => {
      const said = await shake(arena, row);
      if (said.ok) return passed('101');
      return (row.tolerated ? nonStrict : failed)(said.text);
    },
  };
}

function mustRefuse(row: Row): Case {
  const asksForVersion = row.rfc === noVersion;
  return {
    name: row.name,
    rfc: row.rfc,
    expected: asksForVersion ? '4xx that names version 13' : 'no 101',
    play: async (arena) => {
      const said = await shake(arena, row);
      if (said.status === 101) return (row.tolerated ? nonStrict : failed)('101');
      if (said.status === 0) return nonStrict(said.text);
      if (said.status >= 500) return nonStrict(said.text);
      if (asksForVersion && !/\b13\b/.test(said.versions))
        return nonStrict(`${said.text}, without Sec-WebSocket-Version: 13`);
      return passed(said.text);
    },
  };
}

/** Requests that cannot be written as a list of headers. */
function rawCases(): Case[] {
  const key = Buffer.alloc(16, 7).toString('base64');
  const rows: readonly { name: string; write: (good: string) => string; rfc: string; tolerated?: boolean }[] = [
    {
      name: 'a header’s name with a blank before its colon',
      write: (good) => good.replace('Upgrade:', 'Upgrade :'),
      rfc: 'RFC 9112, 5.1',
    },
    {
      name: 'a header on two lines',
      write: (good) => good.replace('Connection: ', 'Connection:\r\n '),
      rfc: 'RFC 9112, 5.2',
      tolerated: true,
    },
    {
      name: 'a zero byte in a header',
      write: (good) => good.replace('\r\n\r\n', '\r\nX-Zero: a\0b\r\n\r\n'),
      rfc: 'RFC 9110, 5.5',
    },
    {
      name: 'a line without a colon',
      write: (good) => good.replace('\r\n\r\n', '\r\nno colon here\r\n\r\n'),
      rfc: 'RFC 9112, 5',
    },
    {
      name: 'HTTP/2.0 in the request line',
      write: (good) => good.replace('HTTP/1.1', 'HTTP/2.0'),
      rfc: 'RFC 9112, 2.3',
      tolerated: true,
    },
    {
      name: 'no version in the request line',
      write: (good) => good.replace(' HTTP/1.1', ''),
      rfc: 'RFC 9112, 3',
      tolerated: true,
    },
  ];
  return rows.map(({ name, write, rfc, tolerated }) => ({
    name,
    rfc,
    expected: 'no 101',
    play: async (arena: Arena) => {
      const url = new URL(arena.url.replace(/^ws/, 'http'));
      const good = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`;
      const request = Buffer.from(write(good), 'latin1');
      const said = await shake(arena, { name, rfc, options: { tweaks: { request, key } } });
      if (said.status === 101) return (tolerated ? nonStrict : failed)('101');
      return said.status >= 500 ? nonStrict(said.text) : passed(said.text);
    },
  }));
}

async function shake(arena: Arena, { change, options = {} }: Row) {
  const tweaks = change === undefined ? options.tweaks : { ...options.tweaks, headers: change };
  const result = await dial(arena.url, {
    ...arena.dial,
    ...options,
    ...(tweaks === undefined ? {} : { tweaks }),
    timeouts: { ...arena.dial.timeouts, answerMs: arena.timeoutMs },
  });
  if (result.ok) {
    result.connection.cut();
    return { ok: true, status: 101, text: '101', versions: '' };
  }
  const { failure } = result;
  if (failure.phase !== 'upgrade') return { ok: false, status: 0, text: failure.detail, versions: '' };
  const { status, rawHeaders } = failure.answer;
  const versions = headerValues(rawHeaders, 'sec-websocket-version').join(',');
  return { ok: false, status, text: status === 101 ? `101, but ${failure.detail}` : String(status), versions };
}
