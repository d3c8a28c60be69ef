import type { MoveReason } from '../../../base/move.ts';
import { connectionEnded, dialEnded, dialStarted, type ServerState } from '../../../policy/balance/server-state.ts';
import { deflateName } from '../../../ws/deflate-offer.ts';
import type { Extension } from '../../../ws/extension.ts';
import { serversFor } from '../../routing/server-choice.ts';
import { addressOf, type Upstream } from '../../routing/upstream.ts';
import type { Redialled, Redialler, RedialRequest } from '../../tunnel/moving/redialler.ts';
import type { WorkerState } from '../../worker-state.ts';
import { patientFor } from '../patience.ts';
import { dialServer } from '../server-dial.ts';
import type { Remembered } from './remembered.ts';
import { replayTo } from './replay-to.ts';

type Agreed = Remembered['agreed'];

/**
 * Between two rounds over all servers when none can be reached: one that is started again is there within a second or
 * two.
 */
const roundPausesMs = [50, 100, 250, 500, 1000] as const;
/**
 * A server that answers later than that, and was asked for longer, has not answered; with less time, that may not be
 * its fault.
 */
const fairMs = 1000;

/** Finds another server for one connection, and takes part in the worker's pace. */
export function redialler(worker: WorkerState, remembered: Remembered): Redialler {
  return {
    remembered,
    async redial(request) {
      const timeoutMs = worker.routes.byName.get(remembered.route)?.spec.handshake.timeoutMs ?? 0;
      const timer = setTimeout(() => request.patience.lose('timeout'), timeoutMs);
      const untilMs = worker.clock.monotonicMs() + timeoutMs;
      try {
        return await worker.moveTurns.run(request.patience, () => tryServers(worker, remembered, request, untilMs));
      } finally {
        clearTimeout(timer);
      }
    },
    discard(server) {
      server.wire.destroy();
      connectionEnded(server.state, { by: 'edge', livedMs: 0 }, worker.clock.monotonicMs());
    },
  };
}

async function tryServers(
  worker: WorkerState,
  remembered: Remembered,
  request: RedialRequest,
  untilMs: number,
): Promise<Redialled> {
  const { reason, patience, recorder } = request;
  if (recorder !== null && recorder.recorded === null)
    return { ok: false, detail: `what has to be replayed is more than ${recorder.rules.bytesMax} bytes` };
  let detail: string | null = null;
  for (let round = 0; patience.lost === null; round++) {
    const found = candidates(worker, remembered, request);
    for (const [index, { upstream, server }] of found.entries()) {
      // One that says nothing must not use up the time of those that would take the client.
      const leftMs = untilMs - worker.clock.monotonicMs();
      const ms = Math.max(fairMs, leftMs / (found.length - index));
      const tried = await patientFor(patience, ms, (part) =>
        tryServer(worker, remembered, { ...request, patience: part }, { upstream, server }, leftMs >= fairMs),
      );
      if (tried.ok) return tried;
      // Why the others did not do says more than that there was no time for one more.
      if (patience.lost !== null) return { ok: false, detail: detail ?? tried.detail };
      detail = `${server.url}: ${tried.detail}`;
    }
    // While its own server is there, nobody has to wait for another.
    if (reason !== 'server-lost') break;
    await pause(roundPausesMs[Math.min(round, roundPausesMs.length - 1)]! * (0.75 + worker.random() / 2));
  }
  return { ok: false, detail: detail ?? 'no other server takes connections' };
}

/** A server that was lost is asked last, since it may be back; one that is to be left, not at all. */
function candidates(worker: WorkerState, { asker, route, upstream: chosen }: Remembered, request: RedialRequest) {
  const name = chosen ?? worker.routes.byName.get(route)?.spec.upstream;
  const upstream = name === undefined ? undefined : worker.upstreams.get(name);
  if (upstream === undefined) return [];
  const servers = serversFor(worker, upstream, asker);
  const others = servers.filter((server) => server.url !== request.from);
  const own = request.reason === 'server-lost' ? servers.filter((server) => server.url === request.from) : [];
  return [...others, ...own].map((server) => ({ upstream, server }));
}

async function tryServer(
  worker: WorkerState,
  { head, expected, agreed }: Remembered,
  { reason, patience, recorder }: RedialRequest,
  { upstream, server }: { readonly upstream: Upstream; readonly server: ServerState },
  fair: boolean,
): Promise<Redialled> {
  dialStarted(server);
  const { usesHandles } = worker;
  const dialled = await dialServer({
    server: addressOf(upstream, server),
    head: movedHead(head, reason),
    expected,
    patience,
    usesHandles,
  });
  const nowMs = worker.clock.monotonicMs();
  if (dialled.kind !== 'upgraded') {
    const abandoned = dialled.kind === 'aborted' && !(fair && patience.lost === 'timeout');
    dialEnded(server, dialled.kind === 'refused' ? 'answered' : abandoned ? 'abandoned' : 'failed', nowMs);
    if (dialled.kind === 'refused') {
      dialled.wire.destroy();
      return { ok: false, detail: `it answered ${dialled.head.status}` };
    }
    return { ok: false, detail: dialled.kind === 'aborted' ? 'it took too long' : dialled.detail };
  }
  dialEnded(server, 'opened', nowMs);
  dialled.wire.pause();
  const differs = difference(agreed, dialled.reading);
  const replayed =
    differs === null && recorder !== null
      ? await replayTo(dialled.wire, dialled.rest, recorder, patience)
      : { rest: dialled.rest, problem: differs };
  if (replayed.problem === null)
    return {
      ok: true,
      server: { upstream: upstream.spec.name, state: server, wire: dialled.wire, rest: replayed.rest },
    };
  dialled.wire.destroy();
  connectionEnded(server, { by: 'edge', livedMs: 0 }, nowMs);
  return { ok: false, detail: replayed.problem };
}

/** The header that tells the server whom it gets: a client that is connected already. */
function movedHead(head: Uint8Array, reason: MoveReason): Buffer {
  return Buffer.concat([head.subarray(0, -2), Buffer.from(`Holdline-Moved: ${reason}\r\n\r\n`, 'latin1')]);
}

/** What the new server agreed on otherwise than the old one; null when it is the same. */
function difference(before: Agreed, now: Agreed): string | null {
  if (before.subprotocol !== now.subprotocol)
    return `it chose the subprotocol ${now.subprotocol ?? '(none)'} instead of ${before.subprotocol ?? '(none)'}`;
  if (extensionsText(before.extensions) !== extensionsText(now.extensions))
    return `it answered the extensions with "${extensionsText(now.extensions)}" instead of "${extensionsText(before.extensions)}"`;
  return null;
}

/** In one order. That the client keeps no context the edge has told it itself, whatever the server said of that. */
function extensionsText(extensions: readonly Extension[]): string {
  return extensions
    .map(({ name, parameters }) =>
      [
        name,
        ...parameters
          .filter((parameter) => name !== deflateName || parameter.name !== 'client_no_context_takeover')
          .map((parameter) => (parameter.value === null ? parameter.name : `${parameter.name}=${parameter.value}`))
          .sort(),
      ].join('; '),
    )
    .join(', ');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
