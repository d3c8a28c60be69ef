import { ownPace } from '../servers/desk.ts';
import type { Questions } from '../workers/messages.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { DrainDesk } from './desk.ts';
import type { DrainPlace, DrainRequest } from './job.ts';

/** A connection goes from one worker to another within milliseconds. */
const betweenMs = 200;

/** Connections that a drain concerns, over all workers or in the one that it names. */
export async function listPlaces(pool: WorkerPool, { target }: DrainRequest): Promise<DrainPlace[]> {
  const silent = new Set(pool.silent());
  const workers = pool.ready().filter((worker) => !silent.has(worker) && (target.worker ?? worker.pid) === worker.pid);
  const answers = await Promise.allSettled(
    workers.map(async ({ pid }) => {
      const places = await pool.askOne(pid, 'drain-places', { filter: target.filter });
      return places.map((place) => ({ ...place, worker: pid }));
    }),
  );
  // One that dies or falls silent meanwhile is left out, as its connections are everywhere else.
  const places = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const ids = target.ids === null ? null : new Set(target.ids);
  return ids === null ? places : places.filter(({ id }) => ids.has(id));
}

/**
 * Closes them in the worker that had them, and those that it has handed over in whichever has them now. Returns how
 * many.
 */
export async function closeWhereTheyAre(
  pool: WorkerPool,
  worker: number,
  ask: Questions['drain-ids']['ask'],
): Promise<number> {
  if (!pool.post.used) return (await pool.askOne(worker, 'drain-ids', ask)).closed;
  const first = await pool.askOne(worker, 'drain-ids', ask).catch(() => ({ closed: 0 }));
  if (first.closed === ask.ids.length) return first.closed;
  const closed = first.closed + (await closeAnywhere(pool, ask));
  if (closed >= ask.ids.length || !pool.post.busy) return Math.min(closed, ask.ids.length);
  // One that is between two workers at this moment is in neither of them.
  await new Promise((resolve) => setTimeout(resolve, betweenMs));
  return Math.min(closed + (await closeAnywhere(pool, ask)), ask.ids.length);
}

async function closeAnywhere(pool: WorkerPool, ask: Questions['drain-ids']['ask']): Promise<number> {
  const all = await pool.askAll('drain-ids', ask);
  return all.reduce((sum, { closed }) => sum + closed, 0);
}

export function drainOfRoute(name: string, what = `route ${name}`): DrainRequest {
  return { ...ownPace, target: { filter: { route: name }, ids: null, worker: null }, what, cause: 'drain' };
}

/** Everybody, each route at its own pace, until the deadline. */
export async function drainEverybody(
  drains: DrainDesk,
  routes: ReadonlySet<string>,
  deadlineMs: number,
): Promise<void> {
  const over = Promise.all(
    [...routes].map(async (route) => {
      const { id } = await drains.start(drainOfRoute(route, `route ${route}, since the edge ends`));
      return drains.ended(id);
    }),
  );
  let timer: NodeJS.Timeout | null = null;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  await Promise.race([over, deadline]);
  if (timer !== null) clearTimeout(timer);
}
