/** Hooks at the handshake and through a connection's life, in their thread, through a real gateway. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { cleanUp, connect, echoServer, edgeFor, refusalOf } from '../servers.ts';
import { hooked } from './hooked.ts';
import { hookedPlan } from './module.ts';

afterEach(cleanUp);

describe('onHandshake', () => {
  test('is told of the handshake; its headers reach the server and its tags the registry', async () => {
    const { url, server } = await echoServer();
    let seen: IncomingMessage['headers'] = {};
    server.on('connection', (_socket, request) => {
      seen = request.headers;
    });
    const through = await hooked({
      servers: [url],
      hooks: `export const onHandshake = (handshake) => ({
        headers: { 'X-Seen': JSON.stringify(handshake), Cookie: null, 'X-User': 'ada' },
        tags: { plan: 'gold' },
      });`,
    });
    await connect(through.url('/room?id=7'), {
      origin: 'https://app.example',
      headers: { Cookie: 'session=1', 'X-User': 'root', 'X-Two': ['a', 'b'] },
    });
    expect(seen).toMatchObject({ 'x-user': 'ada' });
    expect(seen.cookie).toBeUndefined();
    expect(JSON.parse(String(seen['x-seen']))).toMatchObject({
      route: 'all',
      upstream: 'servers',
      clientAddress: '127.0.0.1',
      tls: false,
      target: '/room?id=7',
      path: '/room',
      query: 'id=7',
      origin: 'https://app.example',
      headers: { cookie: 'session=1', 'x-user': 'root', 'x-two': 'a, b' },
      tags: {},
    });
    expect((await through.next('opened')).record.tags).toEqual({ plan: 'gold' });
  });

  test('refuses with its own status, headers and body, before a server hears of it', async () => {
    let asked = 0;
    const { url } = await echoServer(() => asked++);
    const through = await hooked({
      servers: [url],
      hooks: `export const onHandshake = async () => ({
        refuse: { status: 402, body: '{"why":"unpaid"}', headers: { 'Content-Type': 'application/json', 'X-Why': 'money' } },
      });`,
    });
    const refusal = await refusalOf(through.url());
    expect(refusal).toMatchObject({ status: 402, body: '{"why":"unpaid"}' });
    expect(refusal.headers).toMatchObject({ 'content-type': 'application/json', 'x-why': 'money' });
    expect((await through.next('refused')).refusal).toMatchObject({ outcome: 'hook-refused', status: 402 });
    expect(asked).toBe(0);
  });

  test('chooses the upstream and the server', async () => {
    const [a, b, c] = await Promise.all([echoServer(), echoServer(), echoServer()]);
    const through = await hooked({
      servers: [a.url, b.url],
      upstreams: { other: c.url },
      hooks: `export const onHandshake = ({ path }) =>
        path === '/other' ? { upstream: 'other' } : path === '/second' ? { server: '${b.url}' } : undefined;`,
    });
    await connect(through.url('/other'));
    expect((await through.next('opened')).record).toMatchObject({ upstream: 'other', server: c.url });
    for (let i = 0; i < 3; i++) {
      await connect(through.url('/second'));
      expect((await through.next('opened')).record).toMatchObject({ upstream: 'servers', server: b.url });
    }
  });

  test.each([
    ['a server that the spec does not name', `{ server: 'http://127.0.0.1:1' }`, /does not have/],
    ['an upstream that the spec does not name', `{ upstream: 'nowhere' }`, /does not have/],
    ['what is no decision', `'yes'`, /not an object/],
    ['a header of the handshake itself', `{ headers: { 'Sec-WebSocket-Key': 'x' } }`, /belongs to the handshake/],
    ['a header that would split the head', `{ headers: { 'X-A': 'b\\r\\nX-C: d' } }`, /no value/],
    ['a tag that is none', `{ tags: { 'A B': 'c' } }`, /tag/],
    ['a status that refuses nothing', `{ refuse: { status: 101 } }`, /300 to 599/],
    ['a misspelt decision', `{ upstraem: 'other' }`, /upstraem/],
  ])('%s counts as a failure, and is said', async (_title, decision, sentence) => {
    const through = await hooked({ hooks: `export const onHandshake = () => (${decision});` });
    expect((await refusalOf(through.url())).status).toBe(503);
    expect((await through.next('refused')).refusal).toMatchObject({ outcome: 'hook-failed' });
    expect((await through.next('hook-failed')).message).toMatch(sentence);
  });
});

describe('a hook that fails', () => {
  const failing = `
    export const onHandshake = ({ path }) => {
      if (path === '/throw') throw new Error('no such table');
      if (path === '/reject') return Promise.reject(new Error('no such table'));
      if (path === '/hang') return new Promise(() => {});
      if (path === '/loop') for (;;);
      if (path === '/exit') process.exit(7);
      if (path === '/hoard') { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); }
      if (path === '/stray') setTimeout(() => { throw new Error('in a timer'); });
    };`;

  test.each(['/throw', '/reject', '/hang', '/loop', '/exit', '/hoard'])(
    '%s refuses with 503 and Retry-After, and everybody else is served',
    async (path) => {
      const through = await hooked({ hooks: failing, settings: { deadlineMs: 400 } });
      const open = await connect(through.url('/before'));
      const refusal = await refusalOf(through.url(path));
      expect(refusal.status).toBe(503);
      expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
      expect((await through.next('refused')).refusal).toMatchObject({ outcome: 'hook-failed', status: 503 });
      await connect(through.url('/after'));
      open.send('still here');
      expect(String((await once(open, 'message'))[0])).toBe('still here');
    },
    30_000,
  );

  test('while one keeps the thread busy the tunnels carry on, and the handshakes behind it wait and get in', async () => {
    const through = await hooked({ hooks: failing, settings: { deadlineMs: 400 } });
    const open = await connect(through.url('/before'));
    const refused = refusalOf(through.url('/loop'));
    const waiting = [1, 2, 3].map(() => connect(through.url('/behind')));
    open.send('meanwhile');
    expect(String((await once(open, 'message'))[0])).toBe('meanwhile');
    expect((await refused).status).toBe(503);
    await Promise.all(waiting);
  }, 30_000);

  test('passes where the route says so', async () => {
    const through = await hooked({ hooks: failing, settings: { onFailure: 'pass', deadlineMs: 300 } });
    await connect(through.url('/throw'));
    await connect(through.url('/hang'));
  });

  test('is logged with its stack once a minute, and the others are counted', async () => {
    let nowMs = 5000;
    const clock = { nowMs: () => Date.now(), monotonicMs: () => nowMs };
    const plan = hookedPlan({ servers: [(await echoServer()).url], hooks: failing });
    const through = await edgeFor([], {}, { plan, clock });
    for (let i = 0; i < 5; i++) await refusalOf(through.url('/throw'));
    const first = await through.next('hook-failed');
    expect(first).toMatchObject({ hook: 'onHandshake', failed: 'threw', route: 'all', suppressed: 0 });
    expect(first.message).toBe('Error: no such table');
    expect(first.stack).toMatch(/hooks\.mjs:3:/);
    nowMs += 60_000;
    await refusalOf(through.url('/throw'));
    expect(await through.next('hook-failed')).toMatchObject({ suppressed: 4 });
    expect(through.events.filter((event) => event.kind === 'hook-failed')).toHaveLength(2);
  });

  test('an error in a timer of the module is said, and harms nobody', async () => {
    const through = await hooked({ hooks: failing });
    await connect(through.url('/stray'));
    expect(await through.next('hook-failed')).toMatchObject({ hook: 'module', message: 'Error: in a timer' });
    await connect(through.url('/after'));
  });

  test('a client that leaves meanwhile is noted as such', async () => {
    const through = await hooked({ hooks: failing, settings: { deadlineMs: 20_000 } });
    const socket = await import('node:net').then((net) => net.connect(through.port, '127.0.0.1'));
    socket.write(
      'GET /hang HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(socket, 'ready');
    socket.end();
    expect((await through.next('refused')).refusal.outcome).toBe('client-left');
  });
});

describe('onOpen and onClose', () => {
  test('are told in order, with how it ended and what it carried', async () => {
    const through = await hooked({
      // What a hook notes comes back as the refusal of the next handshake.
      hooks: `const notes = [];
        export const onOpen = (connection) => notes.push(['open', connection]);
        export const onClose = (connection, end) => notes.push(['close', connection, end]);
        export const onHandshake = ({ path }) =>
          path === '/notes' ? { refuse: { status: 400, body: JSON.stringify(notes) } } : { tags: { room: 'red' } };`,
    });
    const socket = await connect(through.url('/chat'));
    const { record } = await through.next('opened');
    socket.send('one');
    await once(socket, 'message');
    socket.close(4001, 'enough');
    await through.ended();
    const notes = JSON.parse((await refusalOf(through.url('/notes'))).body);
    expect(notes.map(([what]: [string]) => what)).toEqual(['open', 'close']);
    expect(notes[0][1]).toMatchObject({ id: record.id, route: 'all', path: '/chat', tags: { room: 'red' } });
    expect(notes[1][1].id).toBe(record.id);
    expect(notes[1][2]).toMatchObject({
      by: 'client',
      cause: 'client-close',
      code: 4001,
      reason: 'enough',
      clientMessages: 1,
      serverMessages: 1,
    });
  });

  test('a route without hooks tells and asks nobody', async () => {
    const plan = hookedPlan({
      servers: [(await echoServer()).url],
      hooks: `export const onHandshake = () => ({ refuse: { status: 400 } });`,
    });
    const routes = plan.routes.map((route) => ({ ...route, hooks: null }));
    const through = await edgeFor([], {}, { plan: { ...plan, routes } });
    await connect(through.url());
  });
});
