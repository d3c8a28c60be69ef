/**
 * A target that is behind: what it has taken since the last look decides whether it is stuck, or slow and still
 * reading.
 */
import { expect, test } from 'vitest';
import { Lag } from '../../../src/gateway/tunnel/lag.ts';
import type { Backlog, Wire } from '../../../src/gateway/tunnel/wire.ts';

const deadlineMs = 10_000;
const full: Backlog = { queuedBytes: 1_000_000, leavingBytes: 1_000_000 };

const cases: readonly [what: string, looks: readonly (Backlog & { atMs: number; stuck: boolean })[]][] = [
  [
    'takes nothing',
    [
      { atMs: 9_999, ...full, stuck: false },
      { atMs: 10_000, ...full, stuck: true },
    ],
  ],
  ['takes a little, too little to wait for', [{ atMs: 10_000, ...full, leavingBytes: 983_617, stuck: true }]],
  [
    'takes some each time, and then stops',
    [
      { atMs: 10_000, ...full, leavingBytes: 900_000, stuck: false },
      { atMs: 19_999, ...full, leavingBytes: 900_000, stuck: false },
      { atMs: 20_000, ...full, leavingBytes: 800_000, stuck: false },
      { atMs: 30_000, ...full, leavingBytes: 800_000, stuck: true },
    ],
  ],
  [
    'takes the first half, and the second is handed over',
    [
      { atMs: 10_000, queuedBytes: 500_000, leavingBytes: 500_000, stuck: false },
      { atMs: 20_000, queuedBytes: 500_000, leavingBytes: 400_000, stuck: false },
    ],
  ],
  [
    'takes some while the edge has put in a message of its own',
    [{ atMs: 10_000, queuedBytes: 1_000_100, leavingBytes: 900_000, stuck: false }],
  ],
];

test.each(cases)('%s', (_what, looks) => {
  let backlog = full;
  const target = {
    get backlog() {
      return backlog;
    },
  } as Wire;
  const lag = new Lag(target, 0);
  for (const { atMs, stuck, ...now } of looks) {
    backlog = now;
    expect([atMs, lag.isStuck(target, atMs, deadlineMs)]).toEqual([atMs, stuck]);
  }
});
