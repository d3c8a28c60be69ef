import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCidr } from '../../../src/base/address.ts';
import {
  clientOf,
  type ForwardedClient,
  forwardingHeaders,
  isForgeable,
} from '../../../src/policy/client-address/forwarded.ts';

const trustedProxies = ['127.0.0.0/8', '10.0.0.0/8', '2001:db8:aaaa::/48'].map((text) => parseCidr(text)!);

type Headers = Readonly<Record<string, string | readonly string[]>>;

function read(peerAddress: string, headers: Headers, tls = false): ForwardedClient {
  const all = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat()]));
  return clientOf({ peerAddress, peerPort: 5000, tls, trustedProxies, header: (name) => all.get(name) ?? [] });
}

const proxy = '10.0.0.1';

describe('the client’s address', () => {
  test.each<[what: string, peer: string, headers: Headers, address: string, port: number]>([
    ['no proxy', '203.0.113.9', {}, '203.0.113.9', 5000],
    ['a v4 client on a v6 socket', '::ffff:203.0.113.9', {}, '203.0.113.9', 5000],
    ['no proxy, forged', '203.0.113.9', { 'X-Forwarded-For': '192.0.2.1' }, '203.0.113.9', 5000],
    ['no proxy, forged Forwarded', '203.0.113.9', { Forwarded: 'for=192.0.2.1' }, '203.0.113.9', 5000],
    ['a proxy that says nothing', proxy, {}, proxy, 5000],
    ['one proxy', proxy, { 'X-Forwarded-For': '192.0.2.1' }, '192.0.2.1', 0],
    ['one proxy on a v6 socket', '::ffff:10.0.0.1', { 'X-Forwarded-For': '192.0.2.1' }, '192.0.2.1', 0],
    ['forged in front', proxy, { 'X-Forwarded-For': '1.1.1.1, 192.0.2.1' }, '192.0.2.1', 0],
    ['a forged trusted address in front', proxy, { 'X-Forwarded-For': '127.0.0.1, 192.0.2.1' }, '192.0.2.1', 0],
    ['two proxies', proxy, { 'X-Forwarded-For': '1.1.1.1, 192.0.2.1, 10.9.9.9' }, '192.0.2.1', 0],
    ['two headers', proxy, { 'X-Forwarded-For': ['1.1.1.1', '192.0.2.1, 10.9.9.9'] }, '192.0.2.1', 0],
    ['all trusted', proxy, { 'X-Forwarded-For': '10.3.3.3,10.2.2.2' }, '10.3.3.3', 0],
    ['no space', proxy, { 'X-Forwarded-For': '1.1.1.1,192.0.2.1' }, '192.0.2.1', 0],
    ['with a port', proxy, { 'X-Forwarded-For': '192.0.2.1:4711' }, '192.0.2.1', 4711],
    ['IPv6', proxy, { 'X-Forwarded-For': '2001:DB8::7' }, '2001:db8::7', 0],
    ['IPv6 with a port', proxy, { 'X-Forwarded-For': '[2001:db8::7]:4711' }, '2001:db8::7', 4711],
    ['a trusted IPv6 proxy', '2001:db8:aaaa::1', { 'X-Forwarded-For': '192.0.2.1' }, '192.0.2.1', 0],
    ['nonsense at the right end', proxy, { 'X-Forwarded-For': '192.0.2.1, evil' }, proxy, 5000],
    ['nonsense behind a second proxy', proxy, { 'X-Forwarded-For': '1.1.1.1, evil, 10.2.2.2' }, '10.2.2.2', 0],
    ['unknown', proxy, { 'X-Forwarded-For': 'unknown' }, proxy, 5000],
    ['empty', proxy, { 'X-Forwarded-For': '' }, proxy, 5000],
    ['an empty one before', proxy, { 'X-Forwarded-For': ', 192.0.2.1' }, '192.0.2.1', 0],
    ['a comma behind', proxy, { 'X-Forwarded-For': '192.0.2.1,' }, proxy, 5000],
    ['an IPv4 address in brackets', proxy, { 'X-Forwarded-For': '[192.0.2.1]' }, proxy, 5000],
    ['octal', proxy, { 'X-Forwarded-For': '010.0.0.1' }, proxy, 5000],
    ['a bad port', proxy, { 'X-Forwarded-For': '192.0.2.1:http' }, proxy, 5000],
    ['Forwarded', proxy, { Forwarded: 'for=192.0.2.1' }, '192.0.2.1', 0],
    ['Forwarded in other letters', proxy, { Forwarded: 'For=192.0.2.1;Proto=https;by=10.0.0.1' }, '192.0.2.1', 0],
    ['Forwarded with a port', proxy, { Forwarded: 'for="192.0.2.1:4711"' }, '192.0.2.1', 4711],
    ['Forwarded with a hidden port', proxy, { Forwarded: 'for="192.0.2.1:_x"' }, '192.0.2.1', 0],
    ['Forwarded IPv6', proxy, { Forwarded: 'for="[2001:db8::7]:4711"' }, '2001:db8::7', 4711],
    ['Forwarded escaped', proxy, { Forwarded: 'for="\\192.0.2.1"' }, '192.0.2.1', 0],
    ['Forwarded hidden', proxy, { Forwarded: 'for=_hidden' }, proxy, 5000],
    ['Forwarded unknown', proxy, { Forwarded: 'for=unknown' }, proxy, 5000],
    ['Forwarded without for', proxy, { Forwarded: 'proto=https' }, proxy, 5000],
    ['Forwarded twice for', proxy, { Forwarded: 'for=1.1.1.1;for=192.0.2.1' }, proxy, 5000],
    ['Forwarded from the right', proxy, { Forwarded: 'for=1.1.1.1, for=192.0.2.1, for=10.2.2.2' }, '192.0.2.1', 0],
    ['Forwarded in two headers', proxy, { Forwarded: ['for=1.1.1.1', 'for=192.0.2.1'] }, '192.0.2.1', 0],
    ['an unclosed quote in front', proxy, { Forwarded: 'for="1.1.1.1, for=192.0.2.1' }, '192.0.2.1', 0],
    ['an escaped quote in front', proxy, { Forwarded: 'for="\\", for=192.0.2.1' }, '192.0.2.1', 0],
    ['a comma in quotes', proxy, { Forwarded: 'for=1.1.1.1, for=192.0.2.1;x="a,for=8.8.8.8"' }, '192.0.2.1', 0],
    [
      'an escaped quote in quotes',
      proxy,
      { Forwarded: 'for=1.1.1.1, x="a\\",for=8.8.8.8";for=192.0.2.1' },
      '192.0.2.1',
      0,
    ],
    ['a semicolon in quotes', proxy, { Forwarded: 'x="a;for=8.8.8.8";for=192.0.2.1' }, '192.0.2.1', 0],
    [
      'both: X-Forwarded-For counts',
      proxy,
      { Forwarded: 'for=1.1.1.1', 'X-Forwarded-For': '192.0.2.1' },
      '192.0.2.1',
      0,
    ],
    ['a peer that is no address', 'unix', { 'X-Forwarded-For': '192.0.2.1' }, 'unix', 5000],
  ])('%s', (_what, peer, headers, address, port) => {
    expect(read(peer, headers)).toMatchObject({ address, port });
  });

  test('a chain of trusted addresses is followed only so far', () => {
    const { chain } = read(proxy, { 'X-Forwarded-For': Array(1000).fill('10.0.0.2').join(',') });
    expect(chain).toHaveLength(33);
  });
});

describe('what the server is told', () => {
  test.each<[what: string, peer: string, headers: Headers, sent: Record<string, string>]>([
    [
      'no proxy: what the client wrote is replaced',
      '203.0.113.9',
      {
        host: 'a.example:8080',
        'X-Forwarded-For': '1.1.1.1',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'evil',
      },
      { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'a.example:8080' },
    ],
    [
      'trusted proxies: what they vouch for, and no more',
      proxy,
      {
        host: 'inner',
        'X-Forwarded-For': '1.1.1.1, 192.0.2.1, 10.2.2.2',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'a.example',
      },
      {
        'X-Forwarded-For': '192.0.2.1, 10.2.2.2, 10.0.0.1',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'a.example',
      },
    ],
    [
      'lists: the value of the nearest proxy',
      proxy,
      { host: 'inner', 'X-Forwarded-Proto': 'http, wss', 'X-Forwarded-Host': 'evil, a.example' },
      { 'X-Forwarded-For': '10.0.0.1', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example' },
    ],
    [
      'nonsense: what is known here',
      proxy,
      { host: 'inner', 'X-Forwarded-Proto': 'gopher', 'X-Forwarded-Host': 'a b' },
      { 'X-Forwarded-For': '10.0.0.1', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'inner' },
    ],
    [
      'Forwarded is told in the other headers',
      proxy,
      { host: 'inner', Forwarded: 'for=192.0.2.1;proto=https;host="a.example"' },
      { 'X-Forwarded-For': '192.0.2.1, 10.0.0.1', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example' },
    ],
  ])('%s', (_what, peer, headers, sent) => {
    const client = read(peer, headers);
    expect(Object.fromEntries(forwardingHeaders(client))).toEqual({ ...sent, 'X-Real-IP': client.address });
  });

  test('TLS at this listener is told', () => {
    expect(read('203.0.113.9', {}, true).proto).toBe('https');
    expect(read(proxy, { 'X-Forwarded-Proto': 'http' }, true).proto).toBe('http');
  });

  test('a host that is none is not told', () => {
    const names = forwardingHeaders(read('203.0.113.9', { host: 'a b' })).map(([name]) => name);
    expect(names).toEqual(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Real-IP']);
  });

  test.each<[string, fromAnyone: boolean, fromTrusted: boolean]>([
    ['forwarded', true, true],
    ['x-forwarded-for', true, true],
    ['x-real-ip', true, true],
    ['x-forwarded-user', true, false],
    ['x-forwarded-prefix', true, false],
    ['x-forward', false, false],
    ['cookie', false, false],
  ])('%s is kept back: %s, behind a trusted proxy: %s', (name, fromAnyone, fromTrusted) => {
    expect(isForgeable(read('203.0.113.9', {}), name)).toBe(fromAnyone);
    expect(isForgeable(read(proxy, {}), name)).toBe(fromTrusted);
  });
});

test('whatever the client writes in front, the address that the trusted proxy appended is found', () => {
  const junk = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc
      .array(fc.constantFrom('"', '\\', ',', ';', '=', 'for', '10.0.0.9', ' '), { maxLength: 20 })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(junk, (written) => {
      expect(read(proxy, { 'X-Forwarded-For': `${written}, 192.0.2.1` }).address).toBe('192.0.2.1');
      expect(read(proxy, { Forwarded: `${written}, for=192.0.2.1;proto=https` })).toMatchObject({
        address: '192.0.2.1',
        proto: 'https',
      });
      expect(read('203.0.113.9', { 'X-Forwarded-For': written, Forwarded: written }).address).toBe('203.0.113.9');
    }),
    { numRuns: 2000 },
  );
});
