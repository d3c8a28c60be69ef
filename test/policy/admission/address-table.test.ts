import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addConnection,
  addressWaitMs,
  connectionsOf,
  newAddressTable,
  removeConnection,
  takeHandshake,
} from '../../../src/policy/admission/address-table.ts';

const rate = { perSecond: 1, burst: 1 };
const ip = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

describe('connections', () => {
  test('IPv4 by address, IPv6 by /64, mapped IPv4 as IPv4', () => {
    const table = newAddressTable();
    for (const address of [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '192.0.2.2',
      '2001:db8::1',
      '2001:db8::ffff:0:0:1',
      '2001:db8:0:1::1',
    ])
      addConnection(table, address);
    expect(
      ['192.0.2.1', '192.0.2.2', '2001:db8::9', '2001:db8:0:1::9', '192.0.2.3'].map((each) =>
        connectionsOf(table, each),
      ),
    ).toEqual([2, 1, 2, 1, 0]);
  });

  test('the last one to go leaves nothing behind', () => {
    const table = newAddressTable();
    addConnection(table, '192.0.2.1');
    addConnection(table, '192.0.2.1');
    removeConnection(table, '192.0.2.1', rate, 0);
    expect(connectionsOf(table, '192.0.2.1')).toBe(1);
    removeConnection(table, '192.0.2.1', rate, 0);
    removeConnection(table, '192.0.2.1', rate, 0);
    expect([connectionsOf(table, '192.0.2.1'), table.connected.size, table.idle.size]).toEqual([0, 0, 0]);
  });
});

describe('rates', () => {
  test('each address has its own', () => {
    const table = newAddressTable();
    const passed = [1, 1, 1, 2, 2, 2].map((index) => takeHandshake(table, ip(index), rate, 0));
    expect(passed).toEqual([true, true, false, true, true, false]);
    expect(addressWaitMs(table, ip(1), rate, 0)).toBe(1000);
    expect(addressWaitMs(table, ip(3), rate, 0)).toBe(0);
    expect(table.idle.size).toBe(2);
  });

  test('the rate is remembered through a connection', () => {
    const table = newAddressTable();
    takeHandshake(table, ip(1), rate, 0);
    addConnection(table, ip(1));
    expect(takeHandshake(table, ip(1), rate, 0)).toBe(true);
    removeConnection(table, ip(1), rate, 0);
    expect(takeHandshake(table, ip(1), rate, 0)).toBe(false);
  });

  test('a full bucket is not worth remembering', () => {
    const table = newAddressTable();
    takeHandshake(table, ip(1), rate, 0);
    addConnection(table, ip(1));
    removeConnection(table, ip(1), rate, 60_000);
    expect(table.idle.size).toBe(0);
  });
});

describe('a full table', () => {
  test('forgets the fullest bucket of the oldest', () => {
    const table = newAddressTable(3);
    takeHandshake(table, ip(1), rate, 0);
    takeHandshake(table, ip(1), rate, 0);
    takeHandshake(table, ip(2), rate, 0);
    takeHandshake(table, ip(3), rate, 0);
    takeHandshake(table, ip(3), rate, 0);
    takeHandshake(table, ip(4), rate, 0);
    expect([...table.idle.keys()]).toEqual([ip(1), ip(3), ip(4)]);
    expect(takeHandshake(table, ip(1), rate, 0)).toBe(false);
  });

  test('never forgets who has a connection', () => {
    const table = newAddressTable(10);
    addConnection(table, '192.0.2.1');
    takeHandshake(table, '192.0.2.1', rate, 0);
    takeHandshake(table, '192.0.2.1', rate, 0);
    for (let index = 0; index < 1000; index++) takeHandshake(table, ip(index), rate, 0);
    expect(table.idle.size).toBe(10);
    expect(connectionsOf(table, '192.0.2.1')).toBe(1);
    expect(takeHandshake(table, '192.0.2.1', rate, 0)).toBe(false);
  });
});

test('whatever happens, the counts are exact and the table is bounded', () => {
  const step = fc.record({ what: fc.constantFrom('add', 'remove', 'take'), address: fc.nat(12), gapMs: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = newAddressTable(4);
      const expected = new Map<number, number>();
      let nowMs = 0;
      for (const { what, address, gapMs } of steps) {
        nowMs += gapMs;
        const count = expected.get(address) ?? 0;
        if (what === 'take') takeHandshake(table, ip(address), rate, nowMs);
        else if (what === 'add') {
          addConnection(table, ip(address));
          expected.set(address, count + 1);
        } else if (count > 0) {
          removeConnection(table, ip(address), rate, nowMs);
          expected.set(address, count - 1);
        }
        expect(table.idle.size).toBeLessThanOrEqual(4);
        expect([...table.idle.keys()].filter((each) => table.connected.has(each))).toEqual([]);
      }
      for (const [address, count] of expected) expect(connectionsOf(table, ip(address))).toBe(count);
      expect(table.connected.size).toBe([...expected.values()].filter((count) => count > 0).length);
    }),
  );
});
