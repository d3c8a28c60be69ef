import { expect, test } from 'vitest';
import { countBy, countKeysMax, isCountField, mergeCounts, noneKey, otherKey } from '../../src/registry/counts.ts';
import { moment, record } from './records.ts';

const table = [
  record({ id: '1', tags: { room: 'x' } }),
  record({ id: '2', route: 'other', origin: null, clientAddress: '192.0.2.9' }),
  record({ id: '3', compressed: true, subprotocol: 'v1' }),
];

test.each([
  ['route', { chat: 2, other: 1 }],
  ['client', { '192.0.2.1': 2, '192.0.2.9': 1 }],
  ['origin', { 'https://app.example.com': 2, [noneKey]: 1 }],
  ['subprotocol', { [noneKey]: 2, v1: 1 }],
  ['compressed', { false: 2, true: 1 }],
  ['tag:room', { x: 1, [noneKey]: 2 }],
  ['tag:constructor', { [noneKey]: 3 }],
] as const)('by %s', (field, expected) => {
  expect(countBy(table, field, {}, moment)).toEqual(expected);
});

test('only what the filter matches', () => {
  expect(countBy(table, 'route', { compressed: true }, moment)).toEqual({ chat: 1 });
});

test.each([
  ['route', true],
  ['tag:a', true],
  ['tag:', false],
  ['lastDataMs', false],
  ['__proto__', false],
])('%s is a field to count by: %s', (text, expected) => {
  expect(isCountField(text)).toBe(expected);
});

test('values beyond the bound are counted together, none is lost', () => {
  const many = Array.from({ length: countKeysMax + 50 }, (_, n) =>
    record({ id: String(n), origin: `https://${n}.test` }),
  );
  const counts = countBy(many, 'origin', {}, moment);
  expect(Object.keys(counts)).toHaveLength(countKeysMax + 1);
  expect(counts[otherKey]).toBe(50);
});

test('the sum over workers, largest first', () => {
  const sum = mergeCounts([
    { a: 1, b: 2 },
    { b: 3, c: 4 },
  ]);
  expect(Object.entries(sum)).toEqual([
    ['b', 5],
    ['c', 4],
    ['a', 1],
  ]);
});
