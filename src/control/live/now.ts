import type { LiveEvent, Now, NowServer, Snapshot } from '../../registry/live.ts';
import type { ControlTarget } from '../api/target.ts';
import type { EventRow } from '../history/event-row.ts';

/** Events that a viewer begins with: several screens of a timeline. */
const eventsShown = 200;
/** Points of a chart that is 1,280 pixels wide. */
const pointsShown = 900;
/** A hold-up that people notice. */
const loopDelayMsMax = 250;
/** For how long an incident or an unreachable server is a problem of now. */
const recentMs = 900_000;
/** What people did; and the gates, whose state now is a problem or is none. */
const toldOtherwise: ReadonlySet<EventRow['kind']> = new Set(['steered', 'gate']);

export function nowOf(target: ControlTarget, nowMs: number): Now {
  const { routes: totals } = target.totals();
  const plan = target.plan();
  return {
    atMs: nowMs,
    version: target.version,
    startedAtMs: target.startedAtMs,
    gateClosed: target.gates.state().closed,
    gateRoutes: target.gates.state().routes,
    drains: target.drains
      .rows()
      .filter(({ state }) => state === 'running')
      .map(({ id, what, total, remaining, etaMs }) => ({ id, what, total, remaining, etaMs })),
    restarts: target.workerRestarts(),
    second: target.chronicle.seconds.latest,
    routes: [...new Set([...plan.routes.map((route) => route.name), ...Object.keys(totals)])].map((name) => {
      const route = plan.routes.find((each) => each.name === name);
      const counts = totals[name];
      return {
        name,
        match: route === undefined ? null : `${route.match.host ?? ''}${route.match.path}`,
        upstream: route?.upstream ?? null,
        open: counts?.open ?? 0,
        handshakes: counts?.handshakes ?? {},
        closes: counts?.closes ?? {},
        clientMessages: counts?.clientMessages ?? 0,
        serverMessages: counts?.serverMessages ?? 0,
        clientBytes: counts?.clientBytes ?? 0,
        serverBytes: counts?.serverBytes ?? 0,
      };
    }),
    servers: serversOf(target),
    workers: target
      .workers()
      .map(
        ({ pid, startedAtMs, connections, memoryBytes, cpuShare, eventLoopDelayMaxMs, version, leaving, stayed }) => ({
          version,
          leaving,
          stayed,
          pid,
          startedAtMs,
          connections,
          memoryBytes,
          cpuShare,
          eventLoopDelayMaxMs,
        }),
      ),
    problems: problemsOf(target, nowMs),
  };
}

export function snapshotOf(target: ControlTarget, nowMs: number): Snapshot {
  const { events, seconds } = target.chronicle;
  return {
    now: nowOf(target, nowMs),
    seconds: seconds.since(0, pointsShown),
    events: events.after(events.newest - eventsShown, eventsShown).map(liveEvent),
  };
}

export function liveEvent({ number, item }: { readonly number: number; readonly item: EventRow }): LiveEvent {
  return { number, ...item };
}

function serversOf(target: ControlTarget): NowServer[] {
  return target.servers.rows().map(({ upstream, url, connections, state }) => ({ upstream, url, connections, state }));
}

export function problemsOf(target: ControlTarget, nowMs: number): string[] {
  const workers = target.workers();
  const problems: string[] = [];
  if (target.gates.state().closed) problems.push('the gate is closed: new handshakes are refused');
  for (const route of target.gates.state().routes)
    problems.push(`the gate of ${route} is closed: its new handshakes are refused`);
  const missing = target.plan().workers - workers.length;
  if (missing > 0)
    problems.push(`${missing} of ${target.plan().workers} workers ${missing === 1 ? 'is' : 'are'} not ready`);
  for (const worker of workers) {
    if (worker.eventLoopDelayMaxMs > loopDelayMsMax) {
      problems.push(`worker ${worker.pid} was held up for ${Math.round(worker.eventLoopDelayMaxMs)} ms`);
    }
  }
  const told = new Set<string>();
  for (const { item } of target.chronicle.events.backFrom()) {
    if (nowMs - item.atMs > recentMs || told.size >= 5) break;
    if (item.level !== 'info' && !toldOtherwise.has(item.kind)) told.add(item.text);
  }
  return [...problems, ...told];
}
