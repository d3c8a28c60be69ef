import { afterEach, expect, test } from 'vitest';
import { type Due, Wheel } from '../../../src/gateway/tunnel/wheel.ts';

let nowMs = 0;
let wheel: Wheel;
const faulty: Due[] = [];
afterEach(() => wheel.close());

function start(): void {
  nowMs = 1000;
  wheel = new Wheel({ nowMs: () => nowMs, monotonicMs: () => nowMs }, (_error, due) => faulty.push(due));
}

function due(onDue: (nowMs: number) => number = () => Number.POSITIVE_INFINITY): Due & { looks: number } {
  const item = {
    dueTick: -1,
    looks: 0,
    onDue: (at: number) => {
      item.looks++;
      return onDue(at);
    },
  };
  return item;
}

test('an earlier appointment replaces a later one, and both count once', async () => {
  start();
  const item = due();
  wheel.schedule(item, 90_000_000);
  wheel.schedule(item, 2000);
  expect(wheel.size).toBe(1);
  nowMs = 3000;
  await expect.poll(() => item.looks).toBe(1);
  expect(wheel.size).toBe(0);
});

test('a later appointment does not replace an earlier one', async () => {
  start();
  const item = due();
  wheel.schedule(item, 2000);
  wheel.schedule(item, 90_000);
  nowMs = 3000;
  await expect.poll(() => item.looks).toBe(1);
});

test('what is forgotten is neither looked at nor kept', async () => {
  start();
  const [kept, dropped] = [due(), due()];
  wheel.schedule(dropped, 2000);
  wheel.schedule(kept, 2000);
  wheel.forget(dropped);
  wheel.forget(dropped);
  expect(wheel.size).toBe(1);
  nowMs = 3000;
  await expect.poll(() => kept.looks).toBe(1);
  expect(dropped.looks).toBe(0);
});

test('one of a bucket may drop another while the bucket is looked at', async () => {
  start();
  const second = due();
  const first = due(() => {
    wheel.forget(second);
    return 5000;
  });
  wheel.schedule(first, 2000);
  wheel.schedule(second, 2000);
  nowMs = 3000;
  await expect.poll(() => first.looks).toBe(1);
  expect([second.looks, wheel.size]).toEqual([0, 1]);
});
