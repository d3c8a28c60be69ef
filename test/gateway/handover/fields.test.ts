/** State that travels between versions: what each writes the others can read, or it is said why not. */
import { expect, test } from 'vitest';
import {
  commonVersion,
  type Fields,
  isNumber,
  isText,
  orNull,
  readState,
  writeState,
} from '../../../src/gateway/handover/fields.ts';
import { stateFields, stateVersions } from '../../../src/gateway/handover/state.ts';

interface Old {
  readonly id: string;
  readonly bytes: number;
}
interface New extends Old {
  readonly colour: string | null;
}

const oldFields: Fields<Old> = { id: { since: 1, is: isText }, bytes: { since: 1, is: isNumber } };
const newFields: Fields<New> = { ...oldFields, colour: { since: 2, is: orNull(isText), absent: null } };
const one = { oldest: 1, newest: 1 };
const two = { oldest: 1, newest: 2 };
const three = { oldest: 3, newest: 3 };

test('the newest version that both know', () => {
  expect(commonVersion(one, two)).toBe(1);
  expect(commonVersion(two, two)).toBe(2);
  expect(commonVersion(two, three)).toBeNull();
});

test('an upgrade: a new version reads what the one before wrote', () => {
  const written = writeState(oldFields, { id: 'a', bytes: 5 }, 1);
  expect(written).toEqual({ ok: true, raw: { version: 1, id: 'a', bytes: 5 } });
  expect(readState(newFields, written.ok && written.raw, two)).toEqual({
    ok: true,
    state: { id: 'a', bytes: 5, colour: null },
  });
});

test('a downgrade: a new version writes what the one before reads, unless it has more to say', () => {
  const plain = writeState(newFields, { id: 'a', bytes: 5, colour: null }, 1);
  expect(readState(oldFields, plain.ok && plain.raw, one)).toEqual({ ok: true, state: { id: 'a', bytes: 5 } });
  const coloured = writeState(newFields, { id: 'a', bytes: 5, colour: 'red' }, 1);
  expect(coloured).toEqual({ ok: false, problem: 'version 1 does not know colour' });
});

test.each([
  [undefined, 'it says no version'],
  [{ id: 'a' }, 'it says no version'],
  [{ version: 2, id: 'a', bytes: 1 }, 'version 2 is unknown'],
  [{ version: 1, id: 'a', bytes: 'many' }, 'bytes is not what version 1 says'],
  [{ version: 1, bytes: 1 }, 'id is not what version 1 says'],
])('what cannot be read says why: %j', (raw, problem) => {
  expect(readState(oldFields, raw, one)).toEqual({ ok: false, problem });
});

test('every field that came after the oldest version that is read says what its absence means', () => {
  const fields = Object.entries(stateFields);
  expect(fields.length).toBeGreaterThan(10);
  for (const [name, field] of fields) {
    expect(field.since, name).toBeLessThanOrEqual(stateVersions.newest);
    if (field.since > stateVersions.oldest) expect('absent' in field, name).toBe(true);
  }
});
