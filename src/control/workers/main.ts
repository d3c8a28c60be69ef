/** The entry of a worker process: glue between Node's process object and the worker's session. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../../base/clock.ts';
import { startGateway } from '../../gateway/gateway.ts';
import { residentBytes } from '../../gateway/process-use.ts';
import { packageVersion } from '../../host/package-version.ts';
import type { Addressed } from '../processes/child.ts';
import type { ToSupervisor, ToWorker, WorkerHealth } from './messages.ts';
import { startWorkerSession } from './session.ts';

const millisecond = 1e6;

/** Samples every 20 ms: fine enough to see what a person would notice, and too coarse to cost anything. */
const delay = monitorEventLoopDelay({ resolution: 20 });
delay.enable();

let lastCpu = { usage: process.cpuUsage(), atMs: performance.now() };

/** Of one core, since the last call. */
function cpuShare(): number {
  const [usage, atMs] = [process.cpuUsage(), performance.now()];
  const usedMs = (usage.user + usage.system - lastCpu.usage.user - lastCpu.usage.system) / 1000;
  const share = usedMs / Math.max(1, atMs - lastCpu.atMs);
  lastCpu = { usage, atMs };
  return Math.round(share * 1000) / 1000;
}

function health(): WorkerHealth {
  const inMs = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? nanoseconds / millisecond : 0);
  const result: WorkerHealth = {
    memoryBytes: residentBytes(),
    eventLoopDelayMaxMs: delay.count === 0 ? 0 : inMs(delay.max),
    eventLoopDelayP50Ms: inMs(delay.percentile(50)),
    eventLoopDelayP99Ms: inMs(delay.percentile(99)),
    cpuShare: cpuShare(),
  };
  delay.reset();
  return result;
}

function post(message: ToSupervisor | Addressed, sent?: () => void, handle?: object): void {
  // Without a supervisor there is nobody to tell; the session learns of that from `disconnect`.
  if (!process.connected) sent?.();
  else process.send?.(message, handle as never, undefined, () => sent?.());
}

const session = startWorkerSession({
  post,
  version: packageVersion(),
  startGateway,
  clock: systemClock,
  random: Math.random,
  health,
  onDone: () => {
    delay.disable();
    if (process.connected) process.disconnect();
  },
});

process.on('message', (message, handle) => session.receive(message as ToWorker, handle));
process.on('disconnect', () => session.orphaned());
if (!process.connected) session.orphaned();
// Rejections that nobody handles come here, too.
process.on('uncaughtException', (error) => session.fault(error));

// A terminal sends its signals to every process of the group, and so does systemd. When it is time to go the supervisor
// says so, in order; a worker that went by itself would look like a crash. SIGUSR1 would open Node's debugger.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);
