import type { RunningNginx } from '../start.ts';
import type { Trial } from './trial.ts';

export interface CheckResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly saw: string;
}

export interface Checking {
  readonly trial: Trial;
  readonly nginx: RunningNginx;
}

export type Check = (checking: Checking) => Promise<readonly CheckResult[]>;

export function result(name: string, isRight: boolean, saw: string): CheckResult {
  return { name, outcome: isRight ? 'passed' : 'failed', saw };
}
