import type { RunningNginx } from '../start.ts';
import type { Trial } from './trial.ts';

export interface VerifyResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly saw: string;
}

export interface Checking {
  readonly trial: Trial;
  readonly nginx: RunningNginx;
}

export type VerifyCheck = (checking: Checking) => Promise<readonly VerifyResult[]>;

export function result(name: string, isRight: boolean, saw: string): VerifyResult {
  return { name, outcome: isRight ? 'passed' : 'failed', saw };
}
