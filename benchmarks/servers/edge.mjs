// The edge in the benchmark's own process, with two workers, from a spec as an object.
import { startSupervisor } from '../../dist/control/supervisor.js';
import { planEdge } from '../../dist/plan/edge/plan.js';
import { specFromObject } from '../../dist/spec/read.js';

export async function startEdge(written, onEvent, env = process.env) {
  const { value: spec, diagnostics } = specFromObject({
    listen: '127.0.0.1:0',
    control: '127.0.0.1:0',
    workers: 2,
    ...written,
  });
  if (spec === null) throw new Error(JSON.stringify(diagnostics));
  const { value: plan } = planEdge(spec, { cores: 2, memoryBytes: 8e9, descriptors: 100_000 });
  return startSupervisor({ plan, certificates: [null], directory: '.', env, tellsOpens: false, onEvent });
}
