/** What a client calls itself and asks for is bounded where it is kept, and the cut shows. */
import { afterEach, expect, test } from 'vitest';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';

afterEach(cleanUp);

test('path, origin, user agent and subprotocol', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url]);
  const long = (length: number) => 'x'.repeat(length);
  await connect(through.url(`/${long(5000)}?${long(100)}`), {
    origin: `https://${long(3000)}`,
    headers: { 'User-Agent': long(4000) },
  });
  const { record } = await through.next('opened');
  expect(record.path).toBe(`/${long(1022)}…`);
  expect(record.origin).toHaveLength(300);
  expect(record.userAgent).toHaveLength(400);
  expect(record.userAgent!.endsWith('x…')).toBe(true);
});

test('what is short stays as it was', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url]);
  await connect(through.url('/chat'), { headers: { 'User-Agent': 'Agent/1.0' } });
  expect((await through.next('opened')).record).toMatchObject({ path: '/chat', userAgent: 'Agent/1.0' });
});
