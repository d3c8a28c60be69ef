/** The limits that the workers really run under, against those that the configuration names. */
import { readProcess } from '../../../host/process-facts.ts';
import { num } from '../../../plan/nginx/figure.ts';
import { readStubStatus } from '../live/status.ts';
import { type Checking, result, type VerifyResult } from './check.ts';

export async function numbersInForce({ trial, nginx }: Checking): Promise<VerifyResult[]> {
  const { workers, workerConnections, workerRlimitNofile } = trial.plan.workers;
  const running = nginx.workers().flatMap((pid) => readProcess(pid) ?? []);
  if (running.length === 0)
    return [{ name: 'the numbers in force', outcome: 'skipped', saw: 'there is no /proc here to read them from' }];
  const limits = running.flatMap(({ descriptorsLimit }) => descriptorsLimit ?? []);
  const least = Math.min(...limits);
  const slots = workerConnections.value;
  const status = await readStubStatus(`http://127.0.0.1:${trial.statusPort}/nginx_status`);
  const memory = Math.max(...running.map(({ memoryBytes }) => memoryBytes));
  const planned = trial.plan.memory.perWorker.value;
  return [
    result(
      'as many workers as planned',
      running.length === workers.value,
      `${running.length} run, ${workers.value} planned`,
    ),
    result(
      'descriptors in force for each worker',
      least >= workerRlimitNofile.value,
      least >= workerRlimitNofile.value
        ? `${num(least)}, worker_rlimit_nofile ${num(workerRlimitNofile.value)}`
        : `${num(least)} instead of ${num(workerRlimitNofile.value)}: the hard limit of this process is lower, so a worker refuses at ${num(Math.floor(least / 2))} connections; LimitNOFILE in the unit raises it`,
    ),
    result(
      'slots for connections in each worker',
      memory > planned * 0.5,
      `worker_connections ${num(slots)}, ${num(trial.plan.workers.refusesAfter.value)} WebSockets each; a worker takes ${num(memory / 1024)} kB, ${num(planned / 1024)} kB planned`,
    ),
    result(
      'nobody was turned away unserved',
      status.accepts === status.handled,
      `${status.accepts} accepted, ${status.handled} handled`,
    ),
  ];
}
