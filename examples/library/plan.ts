// Plans nginx for 20,000 connections on a machine with 2 processors and 4 GiB.
import { completeMachine, completeWorkload, planNginx } from 'holdline/plan';

const { value, diagnostics } = planNginx({
  workload: completeWorkload({ connections: 20_000, heartbeat: { everyMs: 25_000, timeoutMs: 10_000 } }),
  machine: completeMachine({ cores: 2, memoryBytes: 4 * 1024 ** 3 }),
  target: '1.28.0',
});
for (const { code, message } of diagnostics) console.log(code, message);
if (value !== null) {
  const { workers, workerConnections } = value.workers;
  console.log(value.verdict, workers.value, workerConnections.value, workerConnections.because);
}
