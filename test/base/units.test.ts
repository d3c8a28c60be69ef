import { expect, test } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseRate, parseSize } from '../../src/base/units.ts';

test.each([
  ['25s', 25_000],
  ['7m', 420_000],
  ['1h 30m', 5_400_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['60', 60_000],
  ['1d 12h', 129_600_000],
  ['2w', 1_209_600_000],
])('parseDuration reads %s', (text, ms) => {
  expect(parseDuration(text)).toEqual({ ok: true, value: ms });
});

test.each(['', '1y', '-1', 'off', 's', '5 s', '1.5h', '99999d'])('parseDuration refuses %j', (text) => {
  expect(parseDuration(text)).toMatchObject({ ok: false });
});

test.each([
  ['512', 512],
  ['64k', 65_536],
  ['1M', 1_048_576],
  ['8g', 8_589_934_592],
])('parseSize reads %s', (text, bytes) => {
  expect(parseSize(text)).toEqual({ ok: true, value: bytes });
});

test.each(['', 'k', '1t', '-1', '1.5m', '99999999999g'])('parseSize refuses %j', (text) => {
  expect(parseSize(text)).toMatchObject({ ok: false });
});

test.each([
  ['20/s', 20],
  ['20r/s', 20],
  ['120/m', 2],
  ['3600/h', 1],
  ['0.5/s', 0.5],
])('parseRate reads %s', (text, perSecond) => {
  expect(parseRate(text)).toEqual({ ok: true, value: perSecond });
});

test.each([
  [420_000, '7m'],
  [1500, '1500ms'],
  [86_400_000, '1d'],
  [0, '0ms'],
])('formatDuration(%d) is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [65_536, '64k'],
  [1_048_576, '1m'],
  [1000, '1000'],
])('formatSize(%d) is %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
