import type { RunEnd } from './report.ts';

/** What a reader of the numbers has to know about how the run ended. */
export const endings: Readonly<Record<Exclude<RunEnd, 'complete'>, string>> = {
  interrupted: 'It was stopped before its end: the numbers are those of the part that ran.',
  'target-gone': 'Every connection had ended before the load did: the target went away.',
  'nothing-opened': 'Not one connection could be opened.',
  'generator-died': 'A process of the load ended unexpectedly: the numbers are incomplete.',
};
