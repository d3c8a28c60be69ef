import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeFilter } from '../../../src/registry/language/complete.ts';
import { holdsAll } from '../../../src/registry/language/match.ts';
import { parseFilter } from '../../../src/registry/language/parse.ts';
import { printFilter } from '../../../src/registry/language/print.ts';
import type { Vocabulary } from '../../../src/registry/language/vocabulary.ts';
import type { ConnectionRecord } from '../../../src/registry/record.ts';
import { moment, record } from '../records.ts';

const vocabulary: Vocabulary = {
  route: ['chat', 'admin'],
  upstream: ['chat'],
  server: ['http://a:1'],
  tags: ['user', 'room'],
};
const live = { tense: 'live', vocabulary } as const;

/** Filter, the record's fields, whether it is found. The record opened 10 s ago and was silent for 4 s. */
const matching: readonly [string, Partial<ConnectionRecord>, boolean][] = [
  ['', {}, true],
  ['route:chat', {}, true],
  ['route:admin', {}, false],
  ['route:chat,admin', {}, true],
  ['-route:chat', {}, false],
  ['!route:admin', {}, true],
  ['route!=chat', {}, false],
  ['route:ch*', {}, true],
  ['route:*at', {}, true],
  ['route:c*t', {}, true],
  ['route:c*c*t', {}, false],
  ['ua~FIREFOX', { userAgent: 'Mozilla Firefox/1' }, true],
  ['ua~firefox', { userAgent: null }, false],
  ['origin:', { origin: null }, true],
  ['origin:""', { origin: 'https://a' }, false],
  ['origin:*', { origin: null }, false],
  ['user:ann', { tags: { user: 'ann' } }, true],
  ['user:bob', { tags: { user: 'ann' } }, false],
  ['tag:user', { tags: { user: 'ann' } }, true],
  ['tag:user', { tags: {} }, false],
  ['tag:user:ann', { tags: { user: 'ann' } }, true],
  ['tag.user:an*', { tags: { user: 'ann' } }, true],
  ['tag:toString', { tags: {} }, false],
  ['name:"Ann B"', { tags: { name: 'Ann B' } }, true],
  ['age>9s', {}, true],
  ['age>10s', {}, false],
  ['age>=10s', {}, true],
  ['age:5s..20s', {}, true],
  ['age:..5s', {}, false],
  ['idle<5s idle>3s', {}, true],
  ['rtt>200ms', { rttMs: 201 }, true],
  ['rtt>200ms', { rttMs: null }, false],
  ['-rtt>200ms', { rttMs: null }, true],
  ['queue>1k', { bufferedBytes: 1025 }, true],
  ['in:3 out<=4', { clientMessages: 3, serverMessages: 4 }, true],
  ['compressed:yes', { compressed: true }, true],
  ['tls:no', {}, true],
  ['browser:"Chrome 131"', { userAgent: 'Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36' }, true],
  ['network:192.0.0.0/16', {}, true],
  ['proxy:10.0.0.1', { peerAddress: '10.0.0.1' }, true],
  ['ip:192.0.2.1', {}, true],
  ['EXAMPLE', {}, true],
  ['nothing-like-it', {}, false],
  ['ann', { tags: { user: 'ann' } }, true],
  ['"two words"', { path: '/two words' }, true],
];

describe('a filter', () => {
  test.each(matching)('%s on %j: %s', (text, fields, expected) => {
    const { value, diagnostics } = parseFilter(text, live);
    expect(diagnostics).toEqual([]);
    expect(holdsAll(value, record({ id: 'a', ...fields }), moment)).toBe(expected);
    const again = parseFilter(printFilter(value), live);
    expect(again).toEqual({ value, diagnostics: [] });
  });

  const wrong: readonly [string, string][] = [
    ['ruote:chat', '"ruote" is not a field did you mean "route"? A tag of this name is written tag.ruote:…'],
    ['usr:ann', '"usr" is not a field did you mean "user"? A tag of this name is written tag.usr:…'],
    ['route:chta', 'no route is named "chta" did you mean route:chat?'],
    ['state:opne', '"opne" is no state did you mean state:open?'],
    ['cause:kick', 'cause is known of ended connections only ask holdline history'],
    [
      'user>5',
      '"user" is not a field that can be compared;  age, idle, rtt, queue, in, out, bytes-in, bytes-out, code can a tag is asked with ":"',
    ],
    ['age>long', 'age: "long" is not a duration; write it as 500ms, 25s, 7m, 24h or 1h 30m'],
    ['age:1h', 'age: say >1h, <1h or a range such as :1h..1h'],
    ['age:2h..1h', 'age: 2h..1h ends before it begins'],
    ['age:..', 'age: the range has neither a beginning nor an end'],
    ['age~5', 'age: is a number and is compared with >, <, >=, <= or a range such as :1..5'],
    ['route>chat', 'route is a text and is asked with ":" or "~", not with ">"'],
    ['in>1.5', 'in: "1.5" is not a whole number'],
    ['path:"/a', 'a quote is opened and not closed: "/a'],
    ['-', 'a minus stands alone; put it before what must not hold'],
    ['tag:', 'tag: needs a name: tag:user, or tag:user:ann'],
    [`a${' b'.repeat(30)}`, 'the filter has more than 30 conditions'],
    ['x'.repeat(2001), 'the filter is longer than 2000 characters'],
  ];
  test.each(wrong)('%s is refused', (text, expected) => {
    const { diagnostics } = parseFilter(text, live);
    const [first] = diagnostics;
    expect([first?.message, ...(first?.help === undefined ? [] : [first.help])].join(' ')).toBe(expected);
    if (first?.where !== undefined) expect(first.where.range!.end.offset).toBeLessThanOrEqual(text.length);
  });

  test('any text is read without a throw, and what it says survives being printed', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^([-!]?[a-z.]{1,6}(:|~|>|<|>=|!=)"?[\w*,. ]{0,8}"? ?){1,4}$/)),
        (text) => {
          const { value } = parseFilter(text, { tense: 'ended' });
          expect(parseFilter(printFilter(value), { tense: 'ended' }).value).toEqual(value);
          holdsAll(value, record({ id: 'a' }), moment);
        },
      ),
    );
  });
});

describe('completion', () => {
  const complete = (text: string) => completeFilter(text, text.length, live);
  test('names of fields and tags', () => {
    expect(complete('ro').options.map((each) => each.text)).toEqual(['route:', 'room:']);
    expect(complete('route:chat -us')).toMatchObject({
      start: 12,
      end: 14,
      options: [{ text: 'user:', about: 'tag' }],
    });
    expect(complete('').options.length).toBeGreaterThan(5);
    expect(complete('cau').options).toEqual([]);
  });
  test('values', () => {
    expect(complete('route:a')).toMatchObject({ start: 6, end: 7, options: [{ text: 'chat' }, { text: 'admin' }] });
    expect(complete('state:').options.map((each) => each.text)).toEqual(['open', 'closing']);
    expect(complete('user:').options).toEqual([]);
  });
});
