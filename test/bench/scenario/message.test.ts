/** Sizes in a mix, messages with placeholders, and knowing their replies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPayload, readStamp, stampBytes, words } from '../../../src/bench/generator/payload.ts';
import { parseSizes, sizeOf } from '../../../src/bench/scenario/sizes.ts';
import {
  defaultReply,
  idIn,
  placeholders,
  readMessageTemplate,
  readReply,
  replyBytesMax,
  type Template,
  writeMessage,
} from '../../../src/bench/scenario/template.ts';

describe('sizes', () => {
  test.each([
    ['64', [{ bytes: 64, share: 1 }]],
    [
      '64:80%,4k:20%',
      [
        { bytes: 64, share: 0.8 },
        { bytes: 4096, share: 0.2 },
      ],
    ],
    [
      '64:0.25, 128:0.75',
      [
        { bytes: 64, share: 0.25 },
        { bytes: 128, share: 0.75 },
      ],
    ],
    [
      '64,128',
      [
        { bytes: 64, share: 0.5 },
        { bytes: 128, share: 0.5 },
      ],
    ],
  ])('%s', (text, value) => expect(parseSizes(text)).toEqual({ ok: true, value }));

  test.each([
    ['64:80%,128:30%', 'add up to 110 %'],
    ['64:80%,128', 'give every size a share'],
    ['64:x', 'is not a size with its share'],
    ['64:50%:50%', 'is not a size with its share'],
    ['big', 'is not a size'],
    [Array(17).fill('64').join(','), 'at most 16'],
  ])('%s: %s', (text, problem) => {
    expect(parseSizes(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  test('any hundred messages in a row have the mix, to a few', () => {
    const sizes = [
      { bytes: 64, share: 0.8 },
      { bytes: 1024, share: 0.15 },
      { bytes: 4096, share: 0.05 },
    ];
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(1_000_000), (connection, first) => {
        const found = Array.from({ length: 100 }, (_, i) => sizeOf(sizes, connection, first + i));
        for (const { bytes, share } of sizes)
          expect(Math.abs(found.filter((each) => each === bytes).length - share * 100)).toBeLessThanOrEqual(4);
      }),
    );
  });
});

describe('messages with placeholders', () => {
  const facts = { phase: 3, sequence: 7, connection: 42, sentUs: 1234, number: 8, timeMs: 1000.7, bytes: 24 };
  const template = (text: string): Template => {
    const reading = readMessageTemplate(text);
    if (!reading.ok) throw new Error(reading.problem);
    return reading.template;
  };

  test('are filled in', () => {
    const text = '{"id":"{id}","n":{number},"from":{connection},"at":{time},"other":{"a":{}}}';
    const id = '03' + '00000007' + '0002a' + '0000004d2';
    const written = writeMessage(template(text), facts).toString();
    expect(JSON.parse(written)).toEqual({ id, n: 8, from: 42, at: 1000, other: { a: {} } });
    expect(readStamp(Buffer.from(id))).toEqual({ phase: 3, sequence: 7, connection: 42, sentUs: 1234 });
  });

  test('the filler makes up the size, in one place or two', () => {
    expect(writeMessage(template('{id}{filler}'), { ...facts, bytes: 500 })).toHaveLength(500);
    expect(writeMessage(template('{filler}-{id}-{filler}'), { ...facts, bytes: 501 }).length).toBeGreaterThan(498);
    expect(writeMessage(template('{id}{filler}é'), { ...facts, bytes: 100 })).toHaveLength(100);
    expect(writeMessage(template('{id}{filler}'), { ...facts, bytes: 5 })).toHaveLength(24);
  });

  test.each([
    ['{"id":"{ID}"}', 'did you mean {id}?'],
    ['{conection} {id}', 'did you mean {connection}?'],
    [
      '{zebra} {id}',
      Object.keys(placeholders)
        .map((name) => `{${name}}`)
        .join(', '),
    ],
    ['hello', 'put one of them'],
    ['x'.repeat(65_537), 'known are'],
  ])('%s', (text, help) => {
    expect(readMessageTemplate(text)).toMatchObject({ ok: false, help: expect.stringContaining(help) });
  });

  test('any text is a template or a finding', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'id', 'number', 'x', '"') }), (text) => {
        const reading = readMessageTemplate(text);
        if (reading.ok) expect(writeMessage(reading.template, facts).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('replies', () => {
  const reply = (text: string): RegExp => {
    const reading = readReply(text);
    if (!reading.ok) throw new Error(reading.problem);
    return reading.pattern;
  };

  test('are known by the group named id', () => {
    expect(idIn(reply('"re":(?<id>\\d+)'), Buffer.from('{"x":1,\n"re":17}'))).toBe('17');
    expect(idIn(reply('"re":(?<id>\\d+)'), Buffer.from('{"x":1}'))).toBe(null);
    expect(idIn(reply(defaultReply), Buffer.from('--030000000700002a0000004d2'))).toBe('030000000700002a0000004d');
  });

  test('what is past the bound is not looked at, and an id of any length is none', () => {
    const late = Buffer.concat([Buffer.alloc(replyBytesMax, 0x20), Buffer.from('id=5')]);
    expect(idIn(reply('id=(?<id>\\d)'), late)).toBe(null);
    expect(idIn(reply('(?<id>x+)'), Buffer.alloc(10_000, 0x78))).toBe(null);
  });

  test('any bytes are a reply or none', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void idIn(reply(defaultReply), bytes)));
  });
});

test('words make up any length, deflate to less than half, and are the same each time', async () => {
  const { deflateRawSync } = await import('node:zlib');
  expect([words(0), words(-5)]).toEqual(['', '']);
  expect(words(4096)).toHaveLength(4096);
  const share = deflateRawSync(words(4096)).length / 4096;
  expect(share).toBeGreaterThan(0.15);
  expect(share).toBeLessThan(0.5);
  expect(createPayload(stampBytes, 'words')).toHaveLength(stampBytes);
  expect(createPayload(300, 'words')).toEqual(createPayload(300, 'words'));
});
