import { afterEach, expect, test } from 'vitest';
import { dialRaw } from '../../support/raw-socket.ts';
import { startEdge, type TestEdge, testPlan } from '../edge.ts';

let edge: TestEdge | null = null;
afterEach(() => edge?.close());

async function start(): Promise<TestEdge> {
  const plan = testPlan(['http://127.0.0.1:1']);
  const listen = [{ ...plan.listen[0]!, proxyProtocol: true }];
  edge = await startEdge([], {}, { plan: { ...plan, listen, trustedProxies: ['127.0.0.0/8'] } });
  return edge;
}

test('a header that comes a byte at a time has five seconds like any other', async () => {
  const { port, next } = await start();
  const proxy = await dialRaw(port);
  proxy.write('PROXY UNKNOWN ');
  const timer = setInterval(() => proxy.write('x'), 200);
  await proxy.over;
  clearInterval(timer);
  expect((await next('refused')).refusal).toMatchObject({ status: null, detail: expect.stringMatching(/in time/) });
});

test('a proxy that leaves within its header is let go, and nothing is noted', async () => {
  const { port, events } = await start();
  const proxy = await dialRaw(port);
  proxy.write('PROXY TCP4 192.0.2.7');
  proxy.socket.end();
  await proxy.over;
  expect(events).toEqual([]);
});
