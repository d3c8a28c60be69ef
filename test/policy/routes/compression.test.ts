import { describe, expect, test } from 'vitest';
import { passesCompression } from '../../../src/policy/routes/compression.ts';

const mac = (version: string) =>
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`;
const phone = (os: string) =>
  `Mozilla/5.0 (iPhone; CPU iPhone OS ${os} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.0 Mobile/15E148 Safari/604.1`;

describe('unless-broken', () => {
  test.each([
    [mac('15.0'), false],
    [mac('15.1'), false],
    [mac('15.2'), false],
    [mac('15.3.1'), false],
    [mac('15.4'), true],
    [mac('14.1.2'), true],
    [mac('16.0'), true],
    [mac('15.30'), true],
    [phone('15_0'), false],
    [phone('15_3_1'), false],
    [phone('15_4'), true],
    [phone('14_8'), true],
    [
      'Mozilla/5.0 (iPad; CPU OS 15_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/96.0 Mobile/15E148 Safari/604.1',
      false,
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/97.0.4692.99 Safari/537.36',
      true,
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:96.0) Gecko/20100101 Firefox/96.0', true],
    [null, true],
  ])('%s', (userAgent, passes) => {
    expect(passesCompression('unless-broken', null, userAgent)).toBe(passes);
    expect(passesCompression('pass', null, userAgent)).toBe(true);
    expect(passesCompression('off', null, userAgent)).toBe(false);
  });
});

test('a hook’s word counts before the route’s', () => {
  expect(passesCompression('off', 'pass', null)).toBe(true);
  expect(passesCompression('unless-broken', 'pass', mac('15.1'))).toBe(true);
  expect(passesCompression('pass', 'off', null)).toBe(false);
});
