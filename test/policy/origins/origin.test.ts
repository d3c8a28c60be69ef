import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileOrigins } from '../../../src/policy/origins/allow-list.ts';
import { decideOrigin, type OriginReason } from '../../../src/policy/origins/origin.ts';
import type { OriginsSpec } from '../../../src/spec/model.ts';

const list = [
  'https://app.example.com',
  'https://*.example.org',
  'http://localhost:3000',
  'https://*.ports.example:8443',
  'https://bücher.example',
  'https://*.müller.example',
  'http://[2001:DB8:0:0::1]:8080',
  'http://192.0.2.7',
  'capacitor://localhost',
  'HTTPS://Upper.Example:443',
];

function decide(origin: string | readonly string[], spec: Partial<OriginsSpec> = {}) {
  const matcher = compileOrigins({ allow: list, mode: 'enforce', missing: 'allow', ...spec });
  return decideOrigin(matcher, typeof origin === 'string' ? [origin] : origin);
}

const label63 = 'a'.repeat(63);

const cases: [origin: string | readonly string[], reason: OriginReason, why: string][] = [
  // Exact entries.
  ['https://app.example.com', 'listed', 'as it stands in the list'],
  ['https://app.example.com:443', 'listed', 'the default port may be written'],
  ['HTTPS://APP.EXAMPLE.COM', 'listed', 'scheme and host are compared in lower case'],
  ['https://upper.example', 'listed', 'the list is lowered too, and its default port dropped'],
  ['https://UPPER.example:443', 'listed', 'both at once'],
  ['http://localhost:3000', 'listed', 'a port that was given'],
  ['http://192.0.2.7', 'listed', 'an IPv4 address, exactly'],
  ['http://192.0.2.7:80', 'listed', 'an IPv4 address with its default port'],
  ['capacitor://localhost', 'listed', 'the scheme of an app shell'],
  ['http://app.example.com', 'not-listed', 'another scheme'],
  ['wss://app.example.com', 'not-listed', 'the socket’s scheme is not the page’s'],
  ['https://app.example.com:8443', 'not-listed', 'a port that was not given'],
  ['https://app.example.com:80', 'not-listed', 'the default port of another scheme'],
  ['http://localhost', 'not-listed', 'the default port where another was given'],
  ['http://localhost:3001', 'not-listed', 'the neighbouring port'],
  ['https://localhost:3000', 'not-listed', 'the right port with another scheme'],
  ['capacitor://localhost:80', 'not-listed', 'a scheme without default port, with a port'],
  ['ionic://localhost', 'not-listed', 'the scheme of another app shell'],
  ['constructor://localhost', 'not-listed', 'the name of something every object has'],
  // Hosts that look like it.
  ['https://example.com', 'not-listed', 'the parent of an exact entry'],
  ['https://sub.app.example.com', 'not-listed', 'a child of an exact entry'],
  ['https://app.example.com.evil.net', 'not-listed', 'the entry as a prefix of another domain'],
  ['https://evilapp.example.com', 'not-listed', 'the entry as a suffix of a label'],
  ['https://app-example.com', 'not-listed', 'a dash for a dot'],
  ['https://appxexample.com', 'not-listed', 'what a regular expression with a bare dot would admit'],
  ['https://app.example.co', 'not-listed', 'one letter short'],
  ['https://app.example.comm', 'not-listed', 'one letter long'],
  ['https://app.examp1e.com', 'not-listed', 'a digit for a letter'],
  ['http://192.0.2.77', 'not-listed', 'an address with one digit more'],
  ['http://1.192.0.2.7', 'not-listed', 'something in front of an address'],
  // Subdomains.
  ['https://a.example.org', 'listed', 'one label below a wildcard'],
  ['https://a.b.c.example.org', 'listed', 'any depth below a wildcard'],
  ['https://A.Example.Org:443', 'listed', 'case and port below a wildcard'],
  ['https://xn--bcher-kva.example.org', 'listed', 'a punycode label below a wildcard'],
  ['https://_dev.example.org', 'listed', 'browsers accept an underscore'],
  [`https://${label63}.example.org`, 'listed', 'the longest label'],
  ['https://a.ports.example:8443', 'listed', 'a wildcard with its port'],
  ['https://example.org', 'not-listed', 'the domain of a wildcard itself'],
  ['https://evilexample.org', 'not-listed', 'no dot before the domain'],
  ['https://example.org.evil.net', 'not-listed', 'the domain as a prefix'],
  ['https://a.example.org.evil.net', 'not-listed', 'a subdomain as a prefix'],
  ['https://evil.net.example.org.', 'malformed', 'a trailing dot is another origin to a browser'],
  ['http://a.example.org', 'not-listed', 'a wildcard keeps its scheme'],
  ['https://a.example.org:8443', 'not-listed', 'a wildcard has only the port it was given'],
  ['https://a.ports.example', 'not-listed', 'a wildcard with a port does not take the default one'],
  ['https://a.ports.example:443', 'not-listed', 'nor when it is written'],
  ['https://.example.org', 'malformed', 'an empty label is no label'],
  ['https://a..example.org', 'malformed', 'an empty label in the middle'],
  ['https://*.example.org', 'malformed', 'the entry itself is no origin'],
  [`https://${label63}a.example.org`, 'malformed', 'a label that is too long'],
  [`https://${`${label63}.`.repeat(4)}example.org`, 'malformed', 'a host that is too long'],
  // International names.
  ['https://xn--bcher-kva.example', 'listed', 'punycode against an entry in Unicode'],
  ['https://XN--BCHER-KVA.example', 'listed', 'punycode in other letters'],
  ['https://shop.xn--mller-kva.example', 'listed', 'punycode below a wildcard in Unicode'],
  ['https://xn--mller-kva.example', 'not-listed', 'never the domain itself'],
  ['https://bücher.example', 'malformed', 'no browser sends Unicode'],
  ['https://b\u00c3\u00bccher.example', 'malformed', 'UTF-8 read as Latin-1'],
  ['https://bucher.example', 'not-listed', 'without the dots'],
  ['https://app.ex\u0430mple.com', 'malformed', 'a Cyrillic letter'],
  ['https://app.example\u3002com', 'malformed', 'an ideographic full stop'],
  ['https://\u212Aapp.example.org', 'malformed', 'the Kelvin sign, whose lower case is k'],
  // IPv6.
  ['http://[2001:db8::1]:8080', 'listed', 'an address is brought to the form that browsers send'],
  ['http://[2001:db8:0::1]:8080', 'not-listed', 'browsers send the shortest form only'],
  ['http://[2001:db8::1]', 'not-listed', 'without its port'],
  ['http://[::1]', 'not-listed', 'an address that was not given'],
  ['https://[::1].example.org', 'malformed', 'an address with something behind it'],
  ['https://[a.example.org]', 'malformed', 'a name in brackets'],
  ['https://[', 'malformed', 'a bracket alone'],
  ['https://[]', 'malformed', 'nothing in brackets'],
  // What is no origin.
  ['null', 'null', 'sandboxed pages and files'],
  ['NULL', 'malformed', 'null in other letters'],
  ['', 'malformed', 'an empty header is not a missing one'],
  [' ', 'malformed', 'a space'],
  ['https://app.example.com ', 'malformed', 'a space behind'],
  [' https://app.example.com', 'malformed', 'a space in front'],
  ['https://app.example.com\t', 'malformed', 'a tab behind'],
  ['https://app.example.com\r\nx: y', 'malformed', 'a line break'],
  ['https://app.example.com\u0000', 'malformed', 'a zero byte behind'],
  ['https://evil.net\u0000.example.org', 'malformed', 'a zero byte in the middle'],
  ['https://app.example.com/', 'malformed', 'a trailing slash'],
  ['https://app.example.com/path', 'malformed', 'a path'],
  ['https://app.example.com?x', 'malformed', 'a query'],
  ['https://app.example.com#x', 'malformed', 'a fragment'],
  ['https://evil.net/.example.org', 'malformed', 'the suffix in a path'],
  ['https://evil.net?.example.org', 'malformed', 'the suffix in a query'],
  ['https://evil.net#.example.org', 'malformed', 'the suffix in a fragment'],
  ['https://evil.net\\.example.org', 'malformed', 'a backslash, which browsers read as a slash'],
  ['https://evil.net%2f.example.org', 'malformed', 'a percent sign'],
  ['https://app.example.com@evil.net', 'malformed', 'the entry as userinfo'],
  ['https://evil.net@app.example.com', 'malformed', 'userinfo in front of the entry'],
  ['https://evil.net:443@a.example.org', 'malformed', 'userinfo that looks like a port'],
  ['https://app.example.com:443@evil.net', 'malformed', 'the whole entry as userinfo'],
  ['https://app.example.com:', 'malformed', 'an empty port'],
  ['https://app.example.com:0443', 'malformed', 'a leading zero in the port'],
  ['https://app.example.com:0', 'malformed', 'port zero'],
  ['https://app.example.com:65979', 'malformed', 'a port beyond 65535, which would wrap to 443'],
  ['https://app.example.com:443:443', 'malformed', 'two ports'],
  ['https://app.example.com:４４３', 'malformed', 'digits of another script'],
  ['https://app.example.com.', 'malformed', 'a trailing dot'],
  ['https:app.example.com', 'malformed', 'no slashes'],
  ['https:/app.example.com', 'malformed', 'one slash'],
  ['https:///app.example.com', 'malformed', 'three slashes'],
  ['://app.example.com', 'malformed', 'no scheme'],
  ['//app.example.com', 'malformed', 'a scheme left out'],
  ['app.example.com', 'malformed', 'a bare host'],
  ['https://', 'malformed', 'no host'],
  ['file://', 'not-listed', 'a file has no host, and may be listed'],
  ['1https://app.example.com', 'malformed', 'a scheme that begins with a digit'],
  ['https ://app.example.com', 'malformed', 'a space in the scheme'],
  ['data:text/html,https://app.example.com', 'malformed', 'an origin inside something else'],
  ['https://app.example.com, https://evil.net', 'malformed', 'a list'],
  ['https://app.example.com https://evil.net', 'malformed', 'a list as RFC 6454 once had it'],
  ['https://app.example.com,https://app.example.com', 'malformed', 'twice the same, joined'],
  [`https://app.example.com${'/'.repeat(100_000)}`, 'malformed', 'very long'],
  [['https://app.example.com', 'https://evil.net'], 'several', 'two headers'],
  [['https://evil.net', 'https://app.example.com'], 'several', 'two headers the other way round'],
  [['https://app.example.com', 'https://app.example.com'], 'several', 'twice the same header'],
  [[], 'missing-allowed', 'no header at all'],
];

describe('one list', () => {
  test.each(cases)('%j is %s: %s', (origin, reason) => {
    const wouldRefuse = !['listed', 'missing-allowed'].includes(reason);
    expect(decide(origin)).toEqual({ allowed: !wouldRefuse, wouldRefuse, reason });
    expect(decide(origin, { mode: 'report' })).toEqual({ allowed: true, wouldRefuse, reason });
  });
});

describe('settings', () => {
  const settings: [Partial<OriginsSpec>, readonly string[], boolean, OriginReason][] = [
    [{ missing: 'deny' }, [], false, 'missing-denied'],
    [{ missing: 'deny', allow: null }, [], false, 'missing-denied'],
    [{ missing: 'allow', allow: null }, [], true, 'missing-allowed'],
    [{ missing: 'deny' }, [''], false, 'malformed'],
    [{ allow: null }, ['https://evil.net'], true, 'any'],
    [{ allow: null }, ['null'], true, 'any'],
    [{ allow: [] }, ['https://app.example.com'], false, 'not-listed'],
  ];
  test.each(settings)('%j with %j', (spec, headers, allowed, reason) => {
    expect(decide(headers, spec)).toEqual({ allowed, wouldRefuse: !allowed, reason });
  });

  test('report mode counts a missing header that the setting denies', () => {
    expect(decide([], { mode: 'report', missing: 'deny' })).toEqual({
      allowed: true,
      wouldRefuse: true,
      reason: 'missing-denied',
    });
  });
});

describe('entries that are no origins match nothing and are said', () => {
  test.each([
    '*',
    'null',
    '',
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/chat',
    'https://user@app.example.com',
    'https://*',
    'https://*example.com',
    'https://*.*.example.com',
    'https://app.*.com',
    'https://app.example.com.',
    'https://app.example.com:*',
    'https://app.example.com:99999',
    'https://*.192.0.2.1',
    'https://*.[::1]',
    'https://a b.example',
    'https://ü ber.example',
    'https://über.example@evil.net',
    'https://[::zz]',
  ])('%j', (entry) => {
    const matcher = compileOrigins({ allow: [entry], mode: 'enforce', missing: 'allow' });
    expect(matcher.entries).toEqual({});
    expect(matcher.ignored).toEqual([{ entry, problem: expect.stringMatching(/\w/) }]);
    for (const origin of [entry, 'https://app.example.com', 'https://evil.net', 'null'])
      expect(decideOrigin(matcher, [origin]).allowed).toBe(false);
  });
});

describe('properties', () => {
  const allowedOrigins = ['https://app.example.com', 'https://a.b.example.org', 'https://x.ports.example:8443'];
  const character = fc.oneof(
    fc.constantFrom(...'.:/@?#\\,%*[]- _\t\0'),
    fc.constantFrom(...'abcxyz0189'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  );
  const edit = fc.record({
    at: fc.nat(40),
    remove: fc.nat(3),
    insert: fc.array(character, { maxLength: 3 }).map((characters) => characters.join('')),
  });

  test('an edit of an allowed origin is admitted only when its host and port are still in the list', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allowedOrigins),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (origin, edits) => {
          let text = origin;
          for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
          if (!decide(text).allowed) return;
          // What a browser would call this text's origin, decided by the platform's own parser.
          const url = new URL(text);
          const underExample = url.hostname.endsWith('.example.org') && url.port === '';
          const underPorts = url.hostname.endsWith('.ports.example') && url.port === '8443';
          expect(url.protocol).toBe('https:');
          expect(url.hostname === 'app.example.com' || underExample || underPorts).toBe(true);
          expect(text.toLowerCase().replace(/:443$/, '')).toBe(url.origin);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('a changed host is never admitted by an exact list', () => {
    const host = fc.domain();
    fc.assert(
      fc.property(host, host, (listed, other) => {
        fc.pre(listed.toLowerCase() !== other.toLowerCase());
        const matcher = compileOrigins({ allow: [`https://${listed}`], mode: 'enforce', missing: 'deny' });
        expect(decideOrigin(matcher, [`https://${listed}`]).allowed).toBe(true);
        for (const wrong of [
          other,
          `${listed}.${other}`,
          `${other}.${listed}`,
          `${other}-${listed}`,
          `${other}${listed}`,
        ])
          expect(decideOrigin(matcher, [`https://${wrong}`]).allowed).toBe(false);
      }),
    );
  });

  test('no text at all makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof decide(text).allowed === 'boolean'));
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (allow) => {
        const matcher = compileOrigins({ allow, mode: 'enforce', missing: 'deny' });
        return Object.keys(matcher.entries).length + matcher.ignored.length <= allow.length;
      }),
    );
  });
});
