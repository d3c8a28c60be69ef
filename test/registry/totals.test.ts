import { expect, test } from 'vitest';
import { addTotals, newRouteTotals, newTotals, observe, openIn, retireTotals } from '../../src/registry/totals.ts';

function worker(open: number) {
  const route = newRouteTotals();
  Object.assign(route, {
    open,
    bufferedBytes: 10,
    clientBytes: 100,
    clientMessages: 3,
    serverBytes: 50,
    serverMessages: 2,
  });
  route.handshakes.upgraded = open + 1;
  route.closes['client-close'] = 1;
  observe(route.handshakeSeconds, 0.003);
  observe(route.lifetimeSeconds, 100_000);
  return { routes: { chat: route }, openByServer: { 'http://a': open }, faults: { socket: open } };
}

test('adding up, without changing what is added', () => {
  const [one, two] = [worker(2), worker(5)];
  const sum = addTotals([one, two, newTotals()]);
  expect(sum.openByServer).toEqual({ 'http://a': 7 });
  expect(sum.routes.chat).toMatchObject({
    open: 7,
    bufferedBytes: 20,
    clientBytes: 200,
    clientMessages: 6,
    serverBytes: 100,
    serverMessages: 4,
    handshakes: { upgraded: 9 },
    closes: { 'client-close': 2 },
  });
  expect(sum.routes.chat?.handshakeSeconds.counts.reduce((a, b) => a + b)).toBe(2);
  expect(sum.routes.chat?.lifetimeSeconds.counts.at(-1)).toBe(2);
  expect(sum.routes.chat?.lifetimeSeconds.sum).toBe(200_000);
  expect(one).toEqual(worker(2));
});

test('a worker that crashed leaves its counts, and its open connections as closed', () => {
  const kept = retireTotals(worker(3), { crashed: true });
  expect(kept.openByServer).toEqual({});
  expect(kept.routes.chat).toMatchObject({ open: 0, bufferedBytes: 0, clientBytes: 100 });
  expect(kept.routes.chat?.closes).toEqual({ 'client-close': 1, 'worker-crashed': 3 });
});

test('a worker that ended in order leaves its counts only', () => {
  expect(retireTotals(worker(3), { crashed: false }).routes.chat?.closes).toEqual({ 'client-close': 1 });
});

test('open connections over all routes', () => {
  expect(openIn(worker(4))).toBe(4);
  expect(openIn(newTotals())).toBe(0);
});
