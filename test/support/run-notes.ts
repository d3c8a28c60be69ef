/**
 * What a run of the tests would otherwise keep to itself: which tests were skipped and why, and which only passed when
 * they were tried again. A few of those are the machine's; more than `retriedMax` fail the run.
 */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export const retriedMax = 3;

export interface RunNotes {
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** Pure: what there is to say at the end. */
export function notesOf(tests: Iterable<TestCase>): RunNotes {
  const skipped: string[] = [];
  const retried: string[] = [];
  for (const test of tests) {
    const result = test.result();
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    if (result.state === 'skipped') skipped.push(`skipped: ${name}: ${result.note ?? 'it does not say why'}`);
    const retries = test.diagnostic()?.retryCount ?? 0;
    if (retries > 0) retried.push(`retried ${retries} times: ${name}: ${result.state}`);
  }
  const failed = retried.length > retriedMax;
  const verdict = `${retried.length} tests were retried${failed ? `; more than ${retriedMax} fail the run` : ''}`;
  return { lines: [...skipped, ...retried, ...(retried.length > 0 ? [verdict] : [])], failed };
}

export default class RunNotesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const { lines, failed } = notesOf(modules.flatMap((module) => [...module.children.allTests()]));
    for (const line of lines) process.stdout.write(`${line}\n`);
    if (failed) process.exitCode = 1;
  }
}
