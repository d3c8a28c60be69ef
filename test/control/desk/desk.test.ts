import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RemoteDesk, remoteDesk } from '../../../src/control/desk/remote.ts';
import { type SharedDesk, sharedDesk } from '../../../src/control/desk/shared.ts';
import type { DeskRequest, ToSupervisor } from '../../../src/control/workers/messages.ts';
import { testPlan } from '../../gateway/edge.ts';

const capped = { ...testPlan(['http://127.0.0.1:1'], { limits: { connectionsPerAddress: 3 } }), workers: 2 };
const uncapped = { ...testPlan(['http://127.0.0.1:1']), workers: 2, limits: { ...capped.limits, connections: 20_000 } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Workers and a supervisor whose messages arrive at once when the turn ends. */
function edge(plan: typeof capped, workers: number): { desks: RemoteDesk[]; shared: SharedDesk; sent: ToSupervisor[] } {
  const shared = sharedDesk(plan);
  const sent: ToSupervisor[] = [];
  const desks: RemoteDesk[] = [];
  for (let worker = 1; worker <= workers; worker++) {
    const post = (message: ToSupervisor) => {
      sent.push(message);
      if (message.kind === 'desk') desks[worker - 1]!.answered(shared.serve(worker, message.requests));
    };
    desks.push(remoteDesk({ plan, post }));
  }
  return { desks, shared, sent };
}

const place = (clientAddress: string) => ({ route: 'all', clientAddress });

async function reserve(desk: RemoteDesk, address: string): Promise<boolean> {
  const decision = desk.reserve(place(address), 'handshake');
  await vi.advanceTimersByTimeAsync(1);
  return (await decision).admitted;
}

test('a cap per address holds over all workers', async () => {
  const { desks } = edge(capped, 2);
  const [a, b] = desks as [RemoteDesk, RemoteDesk];
  expect([
    await reserve(a, '192.0.2.1'),
    await reserve(b, '192.0.2.1'),
    await reserve(a, '192.0.2.1'),
    await reserve(b, '192.0.2.1'),
  ]).toEqual([true, true, true, false]);
  expect(await reserve(b, '192.0.2.2')).toBe(true);
  a.release(place('192.0.2.1'));
  await vi.advanceTimersByTimeAsync(1);
  expect(await reserve(b, '192.0.2.1')).toBe(true);
});

test('the places of a worker that died are free again', async () => {
  const { desks, shared } = edge(capped, 2);
  const [a, b] = desks as [RemoteDesk, RemoteDesk];
  for (let i = 0; i < 3; i++) await reserve(a, '192.0.2.1');
  expect(await reserve(b, '192.0.2.1')).toBe(false);
  shared.forget(1);
  expect(await reserve(b, '192.0.2.1')).toBe(true);
});

test('without a cap nobody waits, and a cap that a reload sets finds everybody counted', async () => {
  const { desks, shared } = edge(uncapped, 2);
  const [a, b] = desks as [RemoteDesk, RemoteDesk];
  expect(a.reserve(place('192.0.2.1'), 'handshake')).toEqual({ admitted: true });
  expect(a.reserve(place('192.0.2.1'), 'handshake')).toEqual({ admitted: true });
  expect(b.reserve(place('192.0.2.1'), 'handshake')).toEqual({ admitted: true });
  shared.apply(capped);
  for (const desk of desks) desk.apply(capped);
  await vi.advanceTimersByTimeAsync(1);
  expect(await reserve(a, '192.0.2.1')).toBe(false);
});

test('a supervisor that does not answer admits nobody, and an answer that comes too late gives the place back', async () => {
  const posted: DeskRequest[] = [];
  const desk = remoteDesk({
    plan: capped,
    post: (message) => message.kind === 'desk' && posted.push(...message.requests),
  });
  const decision = desk.reserve(place('192.0.2.1'), 'handshake') as Promise<{ admitted: boolean }>;
  await vi.advanceTimersByTimeAsync(2000);
  expect(await decision).toMatchObject({ admitted: false, outcome: 'overload', status: 503 });
  desk.answered([{ id: 1, ...place('192.0.2.1'), decision: { admitted: true } }]);
  await vi.advanceTimersByTimeAsync(1);
  expect(posted.map((request) => request.kind)).toEqual(['reserve', 'count']);
});

test('without a cap those who come and go within a moment are not told of, and the others in one message', async () => {
  const { desks, sent } = edge(uncapped, 1);
  const [desk] = desks as [RemoteDesk];
  for (let i = 0; i < 50; i++) desk.reserve(place('192.0.2.1'), 'handshake');
  for (let i = 0; i < 48; i++) desk.release(place('192.0.2.1'));
  desk.reserve(place('192.0.2.2'), 'handshake');
  desk.release(place('192.0.2.2'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual([{ kind: 'desk', requests: [{ kind: 'count', ...place('192.0.2.1'), places: 2 }] }]);
});
