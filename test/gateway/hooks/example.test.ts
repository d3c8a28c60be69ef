/** The example in examples/hooks, as it stands, through a real gateway. Threads run what is compiled in dist/. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkJwt } from '../../../examples/hooks/jwt.ts';
import type { TestEdge } from '../edge.ts';
import { cleanUp, connect, echoServer, edgeFor, refusalOf } from '../servers.ts';
import { hookedPlan } from './module.ts';

const secret = 'the secret of the tests';

function token(claims: Record<string, unknown>, key = secret, alg = 'HS256'): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg, typ: 'JWT' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

describe('checkJwt', () => {
  const good = token({ sub: 'ada' });
  const [head, , signature] = good.split('.') as [string, string, string];
  test.each([
    ['a good one', good, 'ada'],
    ['one signed with another secret', token({ sub: 'ada' }, 'guessed'), 'forged'],
    ['a good signature under other claims', `${head}.${token({ sub: 'root' }).split('.')[1]}.${signature}`, 'forged'],
    ['one that says it needs no signature', token({ sub: 'ada' }, secret, 'none'), 'malformed'],
    ['one that is over', token({ sub: 'ada', exp: 1 }), 'expired'],
    ['one that has not begun', token({ sub: 'ada', nbf: 9e9 }), 'expired'],
    ['one without an end', token({ sub: 'ada', exp: undefined }), 'expired'],
    ['two parts', 'a.b', 'malformed'],
    ['no JSON', 'a.b.c', 'malformed'],
    ['an empty signature', good.slice(0, good.lastIndexOf('.') + 1), 'forged'],
  ])('%s', (_title, text, expected) => {
    const checked = checkJwt(text, secret, Date.now());
    expect(typeof checked === 'string' ? checked : checked.sub).toBe(expected);
  });
});

describe('the example', () => {
  const before = process.env.JWT_SECRET;
  beforeAll(() => {
    process.env.JWT_SECRET = secret;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.JWT_SECRET;
    else process.env.JWT_SECRET = before;
  });
  afterEach(cleanUp);

  let through: TestEdge;
  let acmeUrl = '';
  const seen: IncomingMessage['headers'][] = [];

  beforeEach(async () => {
    const [shared, acme, globex] = await Promise.all([echoServer(), echoServer(), echoServer()]);
    seen.length = 0;
    for (const { server } of [shared, acme, globex])
      server.on('connection', (_socket, request) => seen.push(request.headers));
    acmeUrl = acme.url;
    const plan = hookedPlan({
      servers: [shared.url],
      upstreams: { acme: acme.url, globex: globex.url },
      hooks: path.resolve(import.meta.dirname, '../../../examples/hooks/hooks.ts'),
      settings: { messages: true },
    });
    through = await edgeFor([], {}, { plan });
  }, 30_000);

  const bearer = (claims: Record<string, unknown>) => ({ headers: { Authorization: `Bearer ${token(claims)}` } });

  test('lets in who has a token, and the server is told who it is and not given the token', async () => {
    await connect(through.url('/chat/'), bearer({ sub: 'ada' }));
    await connect(through.url(`/chat/?token=${token({ sub: 'bob' })}`));
    expect(seen.map((headers) => [headers['x-user'], headers['x-tenant'], headers.authorization])).toEqual([
      ['ada', 'shared', undefined],
      ['bob', 'shared', undefined],
    ]);
    expect((await through.next('opened')).record.tags).toEqual({ user: 'ada', tenant: 'shared' });
  });

  test.each([
    ['no token', {}, 'a token is missing'],
    ['a forged one', { headers: { Authorization: `Bearer ${token({}, 'guessed')}` } }, 'the token is forged'],
  ])('refuses who has %s with 401', async (_title, options, why) => {
    const refusal = await refusalOf(through.url('/chat/'), options);
    expect(refusal).toMatchObject({ status: 401, body: JSON.stringify({ why }) });
    expect(refusal.headers['content-type']).toBe('application/json');
  });

  test('a tenant goes to its own servers, and not to another tenant’s', async () => {
    await connect(through.url('/chat/'), bearer({ sub: 'ada', tenant: 'acme' }));
    expect((await through.next('opened')).record).toMatchObject({ upstream: 'acme', server: acmeUrl });
    const { headers } = bearer({ sub: 'ada', tenant: 'acme' });
    const refusal = await refusalOf(through.url('/chat/'), { headers: { ...headers, 'X-Tenant': 'globex' } });
    expect(refusal.status).toBe(403);
  });

  test('a fourth session of one user is refused, until one of the others ends', async () => {
    const sockets = [];
    for (let i = 0; i < 3; i++) sockets.push(await connect(through.url('/chat/'), bearer({ sub: 'ada' })));
    expect((await refusalOf(through.url('/chat/'), bearer({ sub: 'ada' }))).status).toBe(429);
    await connect(through.url('/chat/'), bearer({ sub: 'bob' }));
    sockets[0]!.close();
    await through.ended();
    await connect(through.url('/chat/'), bearer({ sub: 'ada' }));
  });

  test('filters what is said', async () => {
    const socket = await connect(through.url('/chat/'), bearer({ sub: 'ada' }));
    const say = async (text: string) => {
      socket.send(text);
      return String((await once(socket, 'message'))[0]);
    };
    expect(await say('ping')).toBe('pong');
    expect(await say('mine is 4111 1111 1111 1111, yours?')).toBe('mine is [card number], yours?');
    socket.send('/debug dump');
    expect(await say('order 12345')).toBe('order 12345');
    const bytes = Buffer.from([1, 2, 255]);
    socket.send(bytes);
    expect(bytes.equals((await once(socket, 'message'))[0] as Buffer)).toBe(true);
  });
});
