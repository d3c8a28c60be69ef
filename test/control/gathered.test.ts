import { expect, test } from 'vitest';
import { gathered } from '../../src/control/edge/gathered.ts';

test('whoever asks within the time gets one run, and who asks later another', async () => {
  let runs = 0;
  const ask = gathered(async () => ++runs, 20);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(2);
});

test('a run that fails fails for those who asked, and not for the next', async () => {
  let isBroken = true;
  const ask = gathered(() => (isBroken ? Promise.reject(new Error('broken')) : Promise.resolve('well')), 1);
  await expect(ask()).rejects.toThrow('broken');
  isBroken = false;
  expect(await ask()).toBe('well');
});
