/**
 * How busy the instances of a managed upstream are: what the system says of their processes, and what they say
 * themselves over HTTP.
 */
import http from 'node:http';
import { childrenOf, readProcessUse } from '../../host/process-facts.ts';
import type { InstancesSpec } from '../../plan/edge/plan.ts';
import type { ManagedInstance } from './instance.ts';

export interface Load {
  /** Share of one processor, mean of the instances; null while nobody has measured. */
  readonly cpu: number | null;
  /** Delay of an event loop, the worst of all. */
  readonly delayMs: number | null;
  /** Why there is no figure that the spec asks for; null while there is one. */
  readonly problem: string | null;
}

export interface LoadMeter {
  /** As it was measured last; asks anew when that is long ago. */
  read(instances: readonly ManagedInstance[], spec: InstancesSpec, nowMs: number): Load;
}

/** Shorter, and one garbage collection is a load; longer, and a rush is over before it is seen. */
export const measureEveryMs = 5000;
/** A server that needs longer to say how busy it is, is. */
const answerTimeoutMs = 2000;
/** Two numbers and their names, with room for what else a server likes to tell. */
const answerBytesMax = 64 * 1024;

const nothing: Load = { cpu: null, delayMs: null, problem: null };

export function loadMeter(cpuMsOf: (pid: number) => number | null = cpuMsOfTree): LoadMeter {
  let last = nothing;
  let measuredMs: number | null = null;
  let cpuBefore = new Map<number, number>();

  function cpuOf(ready: readonly ManagedInstance[], passedMs: number | null): number | null {
    const now = new Map<number, number>();
    const shares: number[] = [];
    for (const { pid } of ready) {
      const used = pid === null ? null : cpuMsOf(pid);
      if (pid === null || used === null) continue;
      now.set(pid, used);
      const before = cpuBefore.get(pid);
      // One that has just started has no reading before, and says nothing of the load.
      if (before !== undefined && passedMs !== null) shares.push(Math.max(0, used - before) / passedMs);
    }
    cpuBefore = now;
    return shares.length === 0 ? null : mean(shares);
  }

  async function measure(ready: readonly ManagedInstance[], spec: InstancesSpec, passedMs: number | null) {
    const fromSystem = cpuOf(ready, passedMs);
    const { load: path } = spec;
    if (path === null) {
      const blind = spec.cpu !== null && ready.length > 0 && passedMs !== null && cpuBefore.size === 0;
      const problem = blind ? 'this system does not say what a process uses; let the server tell it (load)' : null;
      last = { cpu: fromSystem, delayMs: null, problem };
      return;
    }
    const answers = await Promise.all(ready.map(({ url }) => askLoad(new URL(path, url ?? undefined).href)));
    const told = answers.flatMap((answer) => ('problem' in answer ? [] : [answer]));
    const cpus = told.flatMap(({ cpu }) => (cpu === null ? [] : [cpu]));
    const delays = told.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs]));
    const problem = answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : []))[0] ?? null;
    const unsaid = told.length > 0 && spec.delayMs !== null && delays.length === 0;
    last = {
      cpu: cpus.length > 0 ? mean(cpus) : fromSystem,
      delayMs: delays.length > 0 ? Math.max(...delays) : null,
      problem: problem ?? (unsaid ? 'the answer has no eventLoopDelayMs' : null),
    };
  }

  return {
    read(instances, spec, nowMs) {
      if (spec.cpu === null && spec.delayMs === null) return nothing;
      if (measuredMs !== null && nowMs - measuredMs < measureEveryMs) return last;
      const passedMs = measuredMs === null ? null : nowMs - measuredMs;
      measuredMs = nowMs;
      const ready = instances.filter(({ url }) => url !== null);
      void measure(ready, spec, passedMs);
      return last;
    },
  };
}

type Told = { readonly cpu: number | null; readonly delayMs: number | null } | { readonly problem: string };

/** Never rejects. */
function askLoad(url: string): Promise<Told> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const request = http.get(url, { agent: false, headers: { 'User-Agent': 'holdline-load' }, signal });
    const fail = (what: string) => {
      request.destroy();
      resolve({ problem: `${url} ${what}` });
    };
    request.on('error', (error: NodeJS.ErrnoException) =>
      fail(signal.aborted ? `did not answer within ${answerTimeoutMs / 1000} s` : (error.code ?? error.message)),
    );
    request.on('upgrade', () => fail('answered 101'));
    request.on('response', (response) => {
      if (response.statusCode !== 200) return fail(`answered ${response.statusCode}`);
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (more: string) => {
        text += more;
        if (text.length > answerBytesMax) fail(`answered more than ${answerBytesMax / 1024} KB`);
      });
      response.on('end', () => resolve(readLoad(text) ?? { problem: `${url} did not answer ${wantedForm}` }));
      response.on('error', () => fail('broke off its answer'));
    });
  });
}

const wantedForm = '{ "cpu": 0.5, "eventLoopDelayMs": 12 }';

function readLoad(text: string): Told | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON; whoever asked says so.
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { cpu, eventLoopDelayMs } = value as Record<string, unknown>;
  const [share, delayMs] = [amount(cpu), amount(eventLoopDelayMs)];
  return share === null && delayMs === null ? null : { cpu: share, delayMs };
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Processor time of a process and everything that it started; null where the system does not tell. */
function cpuMsOfTree(pid: number): number | null {
  const own = readProcessUse(pid);
  if (own === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (cpuMsOfTree(child) ?? 0), own.cpuMs);
}
