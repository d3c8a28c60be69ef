/** Who was on a worker that died: asked for a little each second, bounded, and never somebody who has left. */
import { expect, test } from 'vitest';
import { workerRoster } from '../../../src/control/history/roster.ts';
import { Registry } from '../../../src/registry/registry.ts';
import { rowOf } from '../../../src/registry/row.ts';
import { moment, record } from '../../registry/records.ts';

function stage() {
  const registries = new Map([1, 2].map((pid) => [pid, new Registry()]));
  let nowMs = moment.nowMs;
  const pool = {
    ready: () => [...registries.keys()].map((pid) => ({ pid })) as never,
    askOne: (async (pid: number, name: string, ask: { limit: number; ids: string[] }) => {
      const registry = registries.get(pid)!;
      const records =
        name === 'newcomers' ? registry.takeNewcomers(ask.limit) : ask.ids.flatMap((id) => registry.get(id) ?? []);
      return records.map((each) => rowOf(each, moment));
    }) as never,
  };
  return {
    registries,
    roster: workerRoster(pool, () => nowMs),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('those of the worker that died, with what was seen last', async () => {
  const { registries, roster, pass } = stage();
  const ann = record({ id: 'a', tags: { user: 'ann' } });
  registries.get(1)!.add(ann);
  registries.get(1)!.add(record({ id: 'b' }));
  registries.get(2)!.add(record({ id: 'c' }));
  await roster.tick();
  expect(roster.size).toBe(3);
  ann.clientMessages = 12;
  await roster.tick();
  roster.left('b');
  registries.get(1)!.remove('b');
  pass(3000);
  const lost = roster.lost(1);
  expect(lost).toHaveLength(1);
  expect(lost[0]).toMatchObject({
    id: 'a',
    tags: { user: 'ann' },
    clientMessages: 12,
    cause: 'worker-crashed',
    code: 1006,
    endedAtMs: moment.nowMs + 3000,
    reason: 'its worker died; silence and counts are those of 3 s before',
  });
  expect(lost[0]).not.toHaveProperty('state');
  expect([roster.lost(1), roster.size]).toEqual([[], 1]);
});

test('whoever ended untold, and whose worker ended in order, is forgotten', async () => {
  const { registries, roster } = stage();
  registries.get(1)!.add(record({ id: 'a' }));
  registries.get(2)!.add(record({ id: 'b' }));
  await roster.tick();
  registries.get(1)!.remove('a');
  registries.delete(2);
  await roster.tick();
  expect(roster.size).toBe(0);
});

test('a connection that another worker took over is that one’s', async () => {
  const { registries, roster } = stage();
  registries.get(1)!.add(record({ id: 'a' }));
  await roster.tick();
  registries.get(1)!.remove('a');
  registries.get(2)!.add(record({ id: 'a' }));
  await roster.tick();
  expect([roster.lost(1).length, roster.lost(2).length]).toEqual([0, 1]);
});

test('a storm is told in pieces, and those who left meanwhile are not', async () => {
  const { registries, roster } = stage();
  const registry = registries.get(1)!;
  for (let at = 0; at < 2500; at++) registry.add(record({ id: `c${at}` }));
  for (let at = 0; at < 500; at++) registry.remove(`c${at}`);
  await roster.tick();
  expect(roster.size).toBe(1000);
  await roster.tick();
  expect(roster.size).toBe(2000);
});
