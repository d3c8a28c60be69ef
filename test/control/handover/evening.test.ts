/**
 * Workers that die while they are exchanged or their number changes: in the end there are as many as there should be.
 */
import { expect, test } from 'vitest';
import { evening } from '../../../src/control/handover/evening.ts';
import type { WorkerPool } from '../../../src/control/workers/pool.ts';
import type { WorkerProcess } from '../../../src/control/workers/process.ts';
import { stateVersions } from '../../../src/gateway/handover/state.ts';

/** A pool that replaces who dies, as the real one does, but one that leaves. */
function replacingPool(count: number) {
  let pids = 0;
  const loaded = { version: '1.0.0', reads: stateVersions };
  const newWorker = () => ({ pid: ++pids, report: null, loaded }) as unknown as WorkerProcess;
  let here = Array.from({ length: count }, newWorker);
  const leaving: WorkerProcess[] = [];
  const added: WorkerProcess[] = [];
  const onAdd = { act: () => {} };
  const die = (worker: WorkerProcess) => {
    here = here.filter((each) => each !== worker);
    if (!leaving.includes(worker)) here.push(newWorker());
  };
  const pool: Pick<WorkerPool, 'ready' | 'retiring' | 'add' | 'settle' | 'retire' | 'post'> = {
    ready: () => here,
    retiring: () => leaving,
    async add() {
      onAdd.act();
      const worker = newWorker();
      here.push(worker);
      added.push(worker);
      return worker;
    },
    settle: () => {},
    retire(worker) {
      leaving.push(worker);
    },
    post: { give: async () => ({ moved: 0, stayed: {}, problem: null }) } as unknown as WorkerPool['post'],
  };
  const staying = () => here.filter((worker) => !leaving.includes(worker));
  return { pool: pool as WorkerPool, die, staying, added, onAdd };
}

const exchange = { perSecond: null, goesOn: () => true, onExchanged: () => {} };

test('an old worker that dies before its turn is not exchanged, since it has been replaced', async () => {
  const { pool, die, staying, added, onAdd } = replacingPool(3);
  const third = staying()[2]!;
  onAdd.act = () => {
    onAdd.act = () => {};
    die(third);
  };
  const evens = evening({ pool, wanted: () => 3, onEvent: () => {} });
  expect(await evens.exchange(exchange)).toBeNull();
  expect([staying().length, added.length]).toEqual([3, 2]);
  evens.close();
});

test('an old worker that dies while the new one starts has been replaced as well: one of them leaves', async () => {
  const { pool, die, staying, onAdd } = replacingPool(2);
  const first = staying()[0]!;
  onAdd.act = () => {
    onAdd.act = () => {};
    die(first);
  };
  const evens = evening({ pool, wanted: () => 2, onEvent: () => {} });
  expect(await evens.exchange(exchange)).toBeNull();
  expect(staying()).toHaveLength(2);
  evens.close();
});

test('fewer workers: one that dies meanwhile is made up for', async () => {
  const { pool, die, staying } = replacingPool(4);
  const evens = evening({ pool, wanted: () => 2, onEvent: () => {} });
  const done = evens.resize(2);
  die(staying()[3]!);
  await done;
  expect(staying()).toHaveLength(2);
  evens.close();
});
