/** The checks of a trial for a terminal. */
import type { VerifyResult } from '../nginx/run/verify/check.ts';
import type { Trial } from '../nginx/run/verify/trial.ts';
import { wrap } from './wrap.ts';

export interface VerifyTextOptions {
  readonly columns: number;
  readonly colour: boolean;
}

const marks = {
  passed: { word: 'passed ', colour: '32' },
  failed: { word: 'failed ', colour: '31' },
  skipped: { word: 'skipped', colour: '33' },
} as const;

export function renderVerification(
  trial: Trial,
  results: readonly VerifyResult[],
  { columns, colour }: VerifyTextOptions,
): string {
  const width = Math.max(40, Math.min(columns, 110));
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[39m` : text);
  const lines = ['The generated configuration, tried on this machine:'];
  for (const change of trial.changes) lines.push(...hanging(change, '  - ', width));
  lines.push('');
  for (const { name, outcome, saw } of results) {
    const { word, colour: code } = marks[outcome];
    const [first = '', ...rest] = wrap(name, width - 10);
    lines.push(`${paint(code, word)}  ${first}`, ...rest.map((line) => `         ${line}`));
    lines.push(...wrap(saw, width - 13).map((line) => `             ${line}`));
  }
  const count = (outcome: VerifyResult['outcome']) => results.filter((each) => each.outcome === outcome).length;
  const others = (['failed', 'skipped'] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  lines.push('', `${count('passed')} passed${others.length === 0 ? '' : `, ${others.join(', ')}`}`);
  return `${lines.join('\n')}\n`;
}

function hanging(text: string, mark: string, width: number): string[] {
  return wrap(text, width - mark.length).map((line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + line);
}
