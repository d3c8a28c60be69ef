import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress as formatIp, isLoopbackHost } from '../../src/base/address.ts';
import { formatHostPort, parseHostPattern, parseHostPort } from '../../src/spec/value/address.ts';
import { parseBlock, parseIp } from '../../src/spec/value/ip.ts';
import { parseOriginPattern } from '../../src/spec/value/origin-pattern.ts';
import { parseName, parseRouteName, quotedText } from '../../src/spec/value/safe-text.ts';

describe('addresses', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    // The same client as 1.2.3.4 on a socket of both families (RFC 4291, 2.5.5.2).
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['1::', '1::'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ])('parseIp reads %s', (text, formatted) => {
    expect(formatIp(parseIp(text)!)).toBe(formatted);
  });

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '::1%eth0',
    '1:2:3:4:5:6:7::8:9',
    '::1.2.3',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:8::',
  ])('parseIp refuses %j', (text) => {
    expect(parseIp(text)).toBeNull();
  });

  test('parseIp agrees with the URL parser on random addresses', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const [host] = text.split('%');
        const ip = parseIp(host!);
        expect(ip).not.toBeNull();
        if (formatIp(ip!).includes('.')) return;
        expect(new URL(`http://[${formatIp(ip!)}]`).hostname).toBe(new URL(`http://[${host}]`).hostname);
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(formatIp(parseIp(text)!)).toBe(text);
      }),
    );
  });

  test.each([
    ['10.0.0.0/8', true],
    ['0.0.0.0/0', true],
    ['10.1.2.3', true],
    ['fd00::/8', true],
    ['::/0', true],
    ['10.0.0.1/8', false],
    ['10.0.0.0/', false],
    ['10.0.0.0/08x', false],
    ['10.0.0.0/8/8', false],
    ['fd00::1/64', false],
    ['10.0.0.0/33', false],
    ['::/129', false],
  ])('parseBlock %s: %s', (text, ok) => {
    expect(parseBlock(text).ok).toBe(ok);
  });

  test.each(['1:2', '8080', '[::1]:80', 'a.b-c.d:65535', '*:80', '127.0.0.1:0'])(
    'parseAddress reads %s back from its own form',
    (text) => {
      const first = parseHostPort(text, '0.0.0.0');
      expect(first.ok || text === '1:2').toBe(true);
      if (first.ok) expect(parseHostPort(formatHostPort(first.value), '0.0.0.0')).toEqual(first);
    },
  );

  test.each([
    '',
    ':',
    'a',
    'a:',
    'a:b',
    ':99999',
    '::1:80',
    '[::1]',
    '[::1]80',
    'a b:80',
    '1.2.3:80',
    '-a:80',
    'a..b:80',
    'http://a:80',
    'a:80/',
  ])('parseAddress refuses %j', (text) => {
    expect(parseHostPort(text, '0.0.0.0').ok).toBe(false);
  });

  test.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['a.localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['localhost.evil.example', false],
  ])('isLoopbackHost(%s) is %s', (host, loopback) => {
    expect(isLoopbackHost(host)).toBe(loopback);
  });
});

describe('hosts and origins', () => {
  test.each([
    ['App.Example.com', 'app.example.com'],
    ['*.example.com', '*.example.com'],
    ['*.com', '*.com'],
    ['localhost', 'localhost'],
    ['10.0.0.1', '10.0.0.1'],
    ['[::1]', '[::1]'],
    ['straße.example', 'xn--strae-oqa.example'],
  ])('host %s', (text, value) => {
    expect(parseHostPattern(text)).toEqual({ ok: true, value });
  });

  test.each([
    '',
    '*',
    '*.',
    '**.a',
    'a.*',
    'a*.b',
    'a b',
    'a/b',
    'a:80',
    'u@a',
    '[x]',
    '*.1.2.3.4',
    '0x7f.1',
    '1',
    'a;b',
    'a"b',
    '*.[::1]',
  ])('host %j is refused', (text) => {
    expect(parseHostPattern(text).ok).toBe(false);
  });

  test.each([
    ['https://App.Example.com', 'https://app.example.com'],
    ['HTTPS://a.example:443', 'https://a.example'],
    ['http://a.example:80', 'http://a.example'],
    ['http://a.example:0443', 'http://a.example:443'],
    ['https://*.example.com:8443', 'https://*.example.com:8443'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['capacitor://localhost', 'capacitor://localhost'],
  ])('origin %s', (text, value) => {
    expect(parseOriginPattern(text)).toEqual({ ok: true, value });
    expect(parseOriginPattern(value)).toEqual({ ok: true, value });
  });
});

describe('names', () => {
  test('what is accepted cannot end a directive, a string, a line or a label', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        for (const parse of [parseName, parseRouteName]) {
          if (parse(text).ok) expect(text).not.toMatch(/[\p{C}\s"'`\\;{}$<>=,]/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('quoted shows what a terminal would act on', () => {
    expect(quotedText('a\u001b[31m\u202eb\n')).toBe('"a\\u001b[31m\\u202eb\\n"');
  });
});
