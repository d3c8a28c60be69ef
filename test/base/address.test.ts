import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressBlock,
  cidrHolds,
  formatAddress,
  isLoopbackHost,
  isOwnNetwork,
  parseAddress,
  parseCidr,
} from '../../src/base/address.ts';

describe('addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ])('%s is %s', (text, expected) => {
    const address = parseAddress(text);
    expect(address === null ? null : formatAddress(address)).toBe(expected);
  });

  test.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3. 4',
    '01.2.3.4',
    '1.2.3.0x4',
    '1.2.3.4:80',
    '1.2.3.4%eth0',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '[::1]',
    ':1::',
    '1::2:',
    `::${'0'.repeat(100)}`,
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test('the same texts as the platform', () => {
    const piece = fc.constantFrom('1', '255', '256', '0', '00', 'ffff', 'a', '.', ':', '::', '%e', 'g');
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (address) => {
        // The platform also knows ways of writing a zone that are of no use here.
        if (!address.includes('%')) expect(parseAddress(address) !== null).toBe(isIP(address) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  test('what is formatted reads back as the same', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        expect(parseAddress(formatAddress(groups))).toEqual(groups);
      }),
    );
  });
});

describe('blocks', () => {
  test.each<[string, string, boolean]>([
    ['127.0.0.0/8', '127.255.0.1', true],
    ['127.0.0.0/8', '128.0.0.1', false],
    ['127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['::ffff:127.0.0.0/104', '127.0.0.1', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.255/23', '10.1.3.7', true],
    ['10.1.2.0/23', '10.1.4.0', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['::ffff:0:0/96', '203.0.113.9', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::1', '::1', true],
    ['::1/128', '::2', false],
    ['::/127', '::1', true],
  ])('%s holds %s: %s', (block, address, expected) => {
    expect(cidrHolds(parseCidr(block)!, parseAddress(address)!)).toBe(expected);
  });

  test.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '/8',
    'x/8',
    '10.0.0/8',
  ])('%j is none', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  test('the same answers as the platform', () => {
    const side = fc.oneof(
      fc.record({
        address: fc.ipV4(),
        other: fc.ipV4(),
        bits: fc.integer({ min: 0, max: 32 }),
        family: fc.constant('ipv4' as const),
      }),
      fc.record({
        address: fc.ipV6(),
        other: fc.ipV6(),
        bits: fc.integer({ min: 1, max: 128 }),
        family: fc.constant('ipv6' as const),
      }),
    );
    fc.assert(
      fc.property(side, fc.boolean(), ({ address, other, bits, family }, same) => {
        fc.pre(family === 'ipv4' || !formatAddress(parseAddress(address)!).includes('.'));
        const tested = same ? address : other;
        fc.pre(family === 'ipv4' || !formatAddress(parseAddress(tested)!).includes('.'));
        const list = new BlockList();
        list.addSubnet(address, bits, family);
        expect(cidrHolds(parseCidr(`${address}/${bits}`)!, parseAddress(tested)!)).toBe(list.check(tested, family));
      }),
    );
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['nonsense', 'nonsense'],
])('%s counts as %s', (text, block) => {
  expect(addressBlock(text)).toBe(block);
});

describe('whose an address is', () => {
  test.each([
    ...['127.0.0.1', '127.9.9.9', '10.1.2.3', '172.16.0.1', '172.31.0.1', '192.168.1.1', '169.254.1.1', '100.64.0.1'],
    ...['::1', 'fd00::1', 'fe80::1', '::ffff:127.0.0.1'],
  ])('%s is one’s own', (address) => expect(isOwnNetwork(address)).toBe(true));

  test.each([
    ...['8.8.8.8', '172.32.0.1', '172.15.0.1', '192.169.1.1', '100.128.0.1', '11.0.0.1'],
    ...['2606:4700::1', '::ffff:8.8.8.8', 'fec0::1'],
  ])('%s is the public’s', (address) => expect(isOwnNetwork(address)).toBe(false));

  test.each([
    ...['127.0.0.1', '127.1.0.9', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST', 'x.localhost'],
  ])('%s is this machine', (host) => expect(isLoopbackHost(host)).toBe(true));

  test.each([
    ...[
      '10.0.0.1',
      '0.0.0.0',
      '::',
      '::ffff:10.0.0.1',
      'localhost.example.com',
      'xlocalhost',
      '127.0.0.1.example.com',
      '',
    ],
  ])('%j is not', (host) => expect(isLoopbackHost(host)).toBe(false));
});
