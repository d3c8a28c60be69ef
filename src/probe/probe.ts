/** Diagnosing an endpoint: the walk, then the checks, then what was asked for besides. */
import { setMaxListeners } from 'node:events';
import { runChecks } from './checks/run.ts';
import { runConformance } from './conformance/run.ts';
import { discoverIdleTimeout } from './idle/discover.ts';
import { holdsQuiet } from './idle/must-hold.ts';
import type { ProbeOptions } from './options.ts';
import { publicUrl } from './public-url.ts';
import type { ProbeReport, Step } from './report.ts';
import { walk } from './walk/walk.ts';

/** Never rejects for what an endpoint does; the report says it. */
export async function probe(url: string, given: ProbeOptions = {}): Promise<ProbeReport> {
  const options = given.signal === undefined ? given : { ...given, signal: sharedSignal(given.signal) };
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const { steps, failure, endpoint } = await walk(url, options);
  const works = failure === null && endpoint !== null;
  const checks = works && options.checks !== null ? await runChecks(url, options, endpoint) : [];
  const conformance = works && options.conformance != null ? await runConformance(url, options, endpoint) : null;
  const idle = works && options.idle != null ? await discoverIdleTimeout(url, options, endpoint) : null;
  const mustHoldMs = options.idle?.mustHoldMs;
  const failedLater =
    checks.some((check) => check.verdict === 'fail') ||
    (conformance?.counts.fail ?? 0) > 0 ||
    conformance?.skipped != null ||
    (idle !== null && mustHoldMs !== undefined && !holdsQuiet(idle, mustHoldMs)) ||
    steps.some((step) => step.verdict === 'fail');
  return {
    version: 1,
    url: publicUrl(url),
    startedAt,
    tookMs: performance.now() - startedMs,
    outcome: failure === null ? (failedLater ? 'failed' : 'passed') : wasReached(steps) ? 'failed' : 'unreachable',
    walk: steps,
    failure,
    endpoint,
    checks,
    conformance,
    idle,
  };
}

/** Some thirty dials listen to it at once, which for Node’s own count is a leak, and is none. */
function sharedSignal(signal: AbortSignal): AbortSignal {
  const shared = AbortSignal.any([signal]);
  setMaxListeners(0, shared);
  return shared;
}

/**
 * As soon as TCP connects there is somebody whose answer can be judged; through a proxy, not before its tunnel is open.
 */
function wasReached(steps: readonly Step[]): boolean {
  const passed = (id: Step['id']) => steps.some((step) => step.id === id && step.verdict !== 'fail');
  return passed('tcp') && !steps.some((step) => step.id === 'proxy' && step.verdict === 'fail');
}
