import { expect, test } from 'vitest';
import { nearest } from '../../src/base/nearest.ts';

test.each([
  ['orgins', 'origins'],
  ['heartbaet', 'heartbeat'],
  ['Upstream', 'upstreams'],
  ['zzz', undefined],
])('nearest(%s) is %s', (written, expected) => {
  expect(nearest(written, ['origins', 'heartbeat', 'upstreams', 'listen'])).toBe(expected);
});
