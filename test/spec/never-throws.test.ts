import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasErrors } from '../../src/base/diagnostic.ts';
import { readSpec } from '../../src/spec/read.ts';

const whole = `# everything
engine: gateway
listen:
  - 8080
  - { address: "0.0.0.0:8443", tls: { cert: a.pem, key: b.pem } }
trustedProxies: [127.0.0.0/8, "::1"]
upstreams:
  chat: { servers: [ "http://10.0.0.1:9000", { url: "https://h:1", weight: 2 } ], balance: { hash: { cookie: sid } } }
  local:
    command: node backend.js
    instances: 2
routes:
  - &r
    match: { host: app.example.com, path: /chat/ }
    upstream: chat
    origins: [ "https://app.example.com", "https://*.example.com" ]
    heartbeat: { every: 25s, timeout: 10s }
    handshake: { timeout: 10s, rate: 20/s, authorize: "http://127.0.0.1:9001/authorize" }
    limits: { connections: 50000, perIp: 50, message: 1m, messages: 100/s, buffer: 1m }
    drain: { rate: 200/s, code: 1012 }
  - <<: *r
    match: { path: /local/ }
    upstream: local
control: { address: "127.0.0.1:4653", token: 0123456789abcdef }
`;

/** Whatever the text: a spec or errors, and every place is inside the text. */
function check(text: string): void {
  const { value, diagnostics } = readSpec(text, { file: 'f' });
  expect(value === null).toBe(hasErrors(diagnostics));
  for (const { message, where } of diagnostics) {
    const { start, end } = where!.range!;
    expect(start.offset).toBeGreaterThanOrEqual(0);
    expect(end.offset).toBeLessThanOrEqual(text.length);
    expect(start.offset).toBeLessThanOrEqual(end.offset);
    expect(text.slice(0, start.offset).split('\n').length).toBe(start.line);
    expect(message.length).toBeLessThan(700);
  }
}

describe('readSpec never throws', () => {
  test('the whole spec is fine', () => {
    expect(readSpec(whole, { file: 'f' }).diagnostics).toEqual([]);
  });

  test('on any text', () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(
        'a',
        'upstreams',
        'routes',
        ':',
        ' ',
        '  ',
        '\n',
        '\n  - ',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '*a',
        '&a ',
        '<<',
        '|',
        '>',
        '#',
        '!!',
        '%YAML 1.1',
        '---',
        '\t',
        '1',
        '0x',
        '~',
        '\0',
        '\r',
        '\ufeff',
        '𝄞',
      ),
      maxLength: 40,
    });
    fc.assert(fc.property(fc.oneof(fc.string(), yamlish), check), { numRuns: 600 });
  });

  test('on a spec with a piece cut out, doubled, moved or replaced', () => {
    const position = fc.nat(whole.length);
    const piece = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('null', '[]', '{}', '*r', '0', 'off', '\n', ': ', '- ', '"', '*x', '<<: *r'),
    );
    fc.assert(
      fc.property(
        position,
        fc.nat(30),
        piece,
        fc.constantFrom('cut', 'double', 'replace'),
        (at, length, other, how) => {
          const middle = how === 'cut' ? '' : how === 'double' ? whole.slice(at, at + length).repeat(2) : other;
          check(whole.slice(0, at) + middle + whole.slice(at + length));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('on a spec with any value in any place', () => {
    const json = fc.json({ maxDepth: 3 });
    const place = fc.constantFrom(
      'listen',
      'upstreams',
      'routes',
      'control',
      'limits',
      'workers',
      'trustedProxies',
      'host',
      'workload',
      'hooks',
      'engine',
    );
    fc.assert(
      fc.property(place, json, (key, value) => check(`${key}: ${value}\n`)),
      { numRuns: 150 },
    );
    const setting = fc.constantFrom(
      'match',
      'origins',
      'heartbeat',
      'handshake',
      'limits',
      'drain',
      'hooks',
      'name',
      'idleTimeout',
      'onServerLoss',
    );
    fc.assert(
      fc.property(setting, json, (key, value) =>
        check(`upstreams: { a: { servers: http://a:1 } }\nroutes:\n  - upstream: a\n    ${key}: ${value}\n`),
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ['brackets', '['.repeat(200_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(50_000)],
    ['indentation', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['a tower just above the bound', `${'['.repeat(65)}${']'.repeat(65)}`],
    ['lists in blocks in turn', '- [{a: '.repeat(2000)],
    ['more than 256 kB', `# ${'x'.repeat(262_144)}`],
  ])('on %s by the thousand, which it calls too large', (_name, text) => {
    check(text);
    expect(readSpec(text, { file: 'f' }).diagnostics.map(({ code }) => code)).toEqual(['spec-too-large']);
  });

  test.each([
    ['keys', Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['one key again and again', '? a\n'.repeat(10_000)],
    ['aliases', `a: &a x\nb: [${'*a, '.repeat(10_000)}]`],
    ['wrong routes', `upstreams: {}\nroutes:\n${' - { upstream: b, c: d }\n'.repeat(2000)}`],
  ])('on %s by the thousand, with at most some hundred findings', (_name, text) => {
    check(text);
    expect(readSpec(text, { file: 'f' }).diagnostics.length).toBeLessThan(400);
  });

  test('nesting that a spec may have is not taken for too deep', () => {
    const { diagnostics } = readSpec(`${'['.repeat(60)}${']'.repeat(60)}`, { file: 'f' });
    expect(diagnostics.map(({ code }) => code)).toEqual(['spec-wrong-type']);
    const flat = Array.from({ length: 300 }, (_, index) => `k${index}: { a: [1, "[[[[", '{{{'] } # [[[[`).join('\n');
    expect(readSpec(flat, { file: 'f' }).diagnostics.map(({ code }) => code)).not.toContain('spec-too-large');
  });

  test('lines count as in editors, with CRLF and a byte order mark', () => {
    const { diagnostics } = readSpec(
      '\ufeffupstreams: { a: { servers: http://a:1 } }\r\nroutes:\r\n  - upstream: b\r\n',
      { file: 'f' },
    );
    expect(diagnostics.find(({ code }) => code === 'spec-unknown-upstream')?.where?.range?.start).toMatchObject({
      line: 3,
      column: 15,
    });
  });
});
