/** Requests that are no handshake, or a wrong one. */
import { handshakeText, testKey } from '../../support/raw-peer.ts';
import { answerTo, type BadInput, type Bench, type Observed, statusIn } from './bench.ts';

const right: readonly string[] = [
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${testKey}`,
  'Sec-WebSocket-Version: 13',
];

/** A right handshake but for some lines: replaced by their header's name, or added. */
function handshakeWith(lines: readonly string[], change: { start?: string; without?: readonly string[] } = {}): string {
  const names = new Set([...lines, ...(change.without ?? [])].map((line) => line.split(':')[0]!.toLowerCase()));
  const kept = right.filter((line) => !names.has(line.split(':')[0]!.toLowerCase()));
  return `${[change.start ?? 'GET / HTTP/1.1', ...kept, ...lines].join('\r\n')}\r\n\r\n`;
}

/** The client sends this and waits. */
function request(
  what: string,
  bytes: string | Uint8Array,
  expected: Omit<Observed, 'server'> & { readonly header?: string },
): BadInput {
  const { header = '', ...observed } = expected;
  return { what, ...observed, server: 'not asked', run: (bench) => exchange(bench, bytes, header) };
}

async function exchange(bench: Bench, bytes: string | Uint8Array, header = ''): Promise<Observed> {
  const socket = await bench.dial();
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const client = await answerTo(socket);
  if (!socket.received.includes(header)) throw new Error(`no ${header} in ${socket.received}`);
  return { client, server: asked(bench), noted: noted(bench) };
}

export function noted(bench: Bench): string {
  const refused = bench.edge.events.filter((event) => event.kind === 'refused');
  return refused.map((event) => event.refusal.outcome).join(', ') || 'none';
}

export function asked(bench: Bench): string {
  return bench.serverAsked === 0 ? 'not asked' : 'asked';
}

const bad = (status: number) => ({ client: String(status), noted: 'bad-handshake' });

const tlsHello = Buffer.from('16030100c8010000c40303', 'hex');
const noise = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 151 + 7) & 0xff));

export const requests: readonly BadInput[] = [
  request('random bytes', noise, bad(400)),
  request('a TLS hello on a plain listener', Buffer.concat([tlsHello, noise]), bad(400)),
  request('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', bad(400)),
  silent('silence from the first byte on', ''),
  silent('half a handshake, then silence', handshakeText().slice(0, 60)),
  {
    what: 'a handshake that comes a byte at a time and never ends',
    ...bad(408),
    server: 'not asked',
    route: { handshake: { timeoutMs: 200 } },
    run: async (bench) => {
      const socket = await bench.dial();
      let at = 0;
      const timer = setInterval(() => socket.write(`X-Drip-${at++}: 1\r\n`), 20);
      socket.write('GET / HTTP/1.1\r\n');
      const client = await answerTo(socket);
      clearInterval(timer);
      return { client, server: asked(bench), noted: noted(bench) };
    },
  },
  request('a head over 16 KiB', handshakeWith([`X-Long: ${'a'.repeat(17_000)}`]), bad(431)),
  request('a request line over 16 KiB', handshakeWith([], { start: `GET /${'a'.repeat(17_000)} HTTP/1.1` }), bad(431)),
  request('a thousand headers', handshakeWith(Array.from({ length: 1000 }, (_, i) => `X-${i}: `)), bad(431)),
  request(
    'a plain request whose length stands behind a thousand headers',
    `POST / HTTP/1.1\r\nHost: localhost\r\n${'X: \r\n'.repeat(1100)}Content-Length: 30\r\n\r\nGET /within HTTP/1.1\r\nHost: a\r\n\r\n`,
    bad(431),
  ),
  request('a NUL in a header', handshakeWith(['X-Nul: a\0b']), bad(400)),
  request('a header that goes on in a second line', handshakeWith(['X-Folded: a\r\n b']), bad(400)),
  request('a space before a header’s colon', handshakeWith(['X-Space : a']), bad(400)),
  {
    what: 'a GET that asks for no upgrade',
    client: '200',
    server: 'asked',
    noted: 'none',
    run: (bench) => exchange(bench, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
  },
  {
    what: 'an Upgrade header that the Connection header does not name',
    client: '200',
    server: 'asked',
    noted: 'none',
    run: (bench) => exchange(bench, handshakeWith(['Connection: close'])),
  },
  request('a POST that asks for the upgrade', handshakeWith([], { start: 'POST / HTTP/1.1' }), bad(405)),
  request('the CONNECT method', 'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n', {
    ...bad(405),
    header: 'Allow: GET',
  }),
  request('version 8 of the protocol', handshakeWith(['Sec-WebSocket-Version: 8']), {
    client: '426',
    noted: 'wrong-version',
    header: 'Sec-WebSocket-Version: 13',
  }),
  request('no version', handshakeWith([], { without: ['Sec-WebSocket-Version'] }), {
    client: '426',
    noted: 'wrong-version',
    header: 'Sec-WebSocket-Version: 13',
  }),
  request('two versions', handshakeWith(['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 8']), bad(400)),
  request('no key', handshakeWith([], { without: ['Sec-WebSocket-Key'] }), bad(400)),
  request('a key that is not 16 bytes', handshakeWith(['Sec-WebSocket-Key: c2hvcnQ=']), bad(400)),
  request('a key that is not base64', handshakeWith(['Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==']), bad(400)),
  request('two keys', handshakeWith([`Sec-WebSocket-Key: ${testKey}`, `Sec-WebSocket-Key: ${testKey}`]), bad(400)),
  ignored('an upgrade to h2c', 'Upgrade: h2c'),
  ignored('an upgrade to a protocol that nobody knows', 'Upgrade: foobar'),
  request('two Origin headers', handshakeWith(['Origin: https://a.example', 'Origin: https://b.example']), bad(400)),
  request('two Host headers', handshakeWith(['Host: a.example', 'Host: b.example']), bad(400)),
  request('no Host header', handshakeWith([], { without: ['Host'] }), bad(400)),
  request('subprotocols that are not tokens', handshakeWith(['Sec-WebSocket-Protocol: a, b c']), bad(400)),
  request('extensions that do not follow their grammar', handshakeWith(['Sec-WebSocket-Extensions: ;=']), bad(400)),
  request('a handshake with a body', `${handshakeWith(['Content-Length: 4'])}body`, bad(400)),
  request('a handshake with a chunked body', `${handshakeWith(['Transfer-Encoding: chunked'])}0\r\n\r\n`, bad(400)),
  request('a handshake in HTTP/1.0', handshakeWith([], { start: 'GET / HTTP/1.0' }), bad(400)),
  request(
    'a request with both kinds of body length',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    bad(400),
  ),
  plain(
    'a plain request with two Host headers',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n',
    '400',
  ),
  {
    what: 'a target with a scheme and a host',
    client: '200',
    server: 'asked',
    noted: 'server-refused',
    run: (bench) => exchange(bench, handshakeWith([], { start: 'GET ws://localhost/x HTTP/1.1' })),
  },
  request('a Host with a port that is not a number', handshakeWith(['Host: localhost:x']), bad(400)),
  request('a Host with a path', handshakeWith(['Host: localhost/']), bad(400)),
  request('a Host with a user name', handshakeWith(['Host: user@localhost']), bad(400)),
  request('an empty Host', handshakeWith(['Host:']), bad(400)),
  request('a target with a scheme and a wrong host', handshakeWith([], { start: 'GET ws://a@b/ HTTP/1.1' }), bad(400)),
  request('a # in the target', handshakeWith([], { start: 'GET /#/x HTTP/1.1' }), bad(400)),
  request('a handshake in HTTP/2.0', handshakeWith([], { start: 'GET / HTTP/2.0' }), bad(505)),
  around('a path that leaves its route by ..;', '/bystander/..;/admin'),
  around('a path whose route has parameters', '/bystander;x=1'),
  plain('a plain request whose Host is not a host', 'GET / HTTP/1.1\r\nHost: localhost:x\r\n\r\n', '400'),
  plain('a plain request in HTTP/2.0', 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', '505'),
  {
    ...plain(
      'a plain request with an empty Transfer-Encoding',
      framed('Transfer-Encoding:', 'Content-Length: 4'),
      '400',
    ),
    notedByStrictParser: 'bad-handshake',
  },
  plain('a plain request with another Transfer-Encoding', framed('Transfer-Encoding: gzip, chunked'), '400'),
  plain('a chunked request in HTTP/1.0', framed('Transfer-Encoding: chunked').replace('/1.1', '/1.0'), '400'),
  {
    what: 'a handshake behind a request that is not answered yet',
    client: 'cut',
    server: 'asked',
    noted: 'bad-handshake',
    run: async (bench) => {
      const socket = await bench.dial();
      bench.serve(() => socket.write(handshakeText()));
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return { client: await answerTo(socket), server: asked(bench), noted: noted(bench) };
    },
  },
  {
    what: 'nonsense behind a request whose answer has begun',
    client: '200',
    server: 'asked',
    noted: 'bad-handshake',
    run: async (bench) => {
      bench.serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin'));
      const socket = await bench.dial();
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await socket.until((received) => (received.includes('begin') ? true : null));
      socket.write(noise);
      const client = await answerTo(socket);
      // An error page within the body would be taken for a part of it.
      if (!socket.received.toString('latin1').endsWith('begin')) throw new Error('something followed the answer');
      return { client, server: asked(bench), noted: noted(bench) };
    },
  },
  {
    what: 'a refused client that goes on sending and never leaves',
    ...bad(400),
    server: 'not asked',
    run: async (bench) => {
      const socket = await bench.dial();
      socket.write(noise);
      const timer = setInterval(() => socket.write(noise), 50);
      await new Promise((resolve) => socket.socket.once('close', resolve));
      clearInterval(timer);
      return { client: statusIn(socket.received), server: asked(bench), noted: noted(bench) };
    },
  },
  {
    what: 'nonsense on a TLS listener',
    client: 'cut',
    server: 'not asked',
    noted: 'bad-handshake',
    tls: true,
    run: async (bench) => exchange(bench, noise),
  },
  {
    what: 'silence on a TLS listener',
    client: 'cut',
    server: 'not asked',
    noted: 'bad-handshake',
    tls: true,
    route: { handshake: { timeoutMs: 200 } },
    run: async (bench) => exchange(bench, ''),
  },
];

/** Several routes, by different readings of the path: which of them a server would serve, nobody can say. */
function around(what: string, target: string): BadInput {
  return request(what, handshakeWith([], { start: `GET ${target} HTTP/1.1` }), { client: '404', noted: 'no-route' });
}

function framed(...lines: string[]): string {
  return `${['POST / HTTP/1.1', 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n0\r\n\r\n`;
}

/** Answered as if no upgrade had been asked for. */
function ignored(what: string, upgrade: string): BadInput {
  const bytes = handshakeWith([upgrade, 'Connection: Upgrade, HTTP2-Settings, close']);
  return { what, client: '200', server: 'asked', noted: 'none', run: (bench) => exchange(bench, bytes) };
}

function silent(what: string, beginning: string): BadInput {
  return { ...request(what, beginning, bad(408)), route: { handshake: { timeoutMs: 200 } } };
}

function plain(what: string, bytes: string, status: string): BadInput {
  return { what, client: status, server: 'not asked', noted: 'none', run: (bench) => exchange(bench, bytes) };
}
