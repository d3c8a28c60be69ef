import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Vitest leaves one processor free. Most tests wait for sockets and timers, so two processors have time for three of them. */
const manyAtOnce = { maxWorkers: Math.max(3, availableParallelism()), sequence: { groupOrder: 0 } };

// Real programs on a machine that others use, too: a second failure in a row is one of ours.
const realTimes = { retry: 1, testTimeout: 120_000, hookTimeout: 120_000 };
const waiting = [
  'test/real/bench/phases.test.ts',
  'test/real/edge/hung-worker.test.ts',
  'test/real/edge/incidents.test.ts',
  'test/real/edge/slow-reader.test.ts',
  'test/real/nginx/claims-timeouts.test.ts',
  'test/real/nginx/faults/ws001-to-ws025.test.ts',
  'test/real/nginx/faults/ws026-to-ws050.test.ts',
  'test/real/probe/idle.test.ts',
  'test/real/service/notify.test.ts',
  'test/real/service/systemd.test.ts',
];

/** Whole edges that are exchanged, moved and killed: half of their time is grace, probation and pace. */
const paired = [
  'crash',
  'drains',
  'handover',
  'handover-deaths',
  'managed',
  'monitoring',
  'servers',
  'succession',
  'succession-carries',
  'supervisor',
  'upgrade',
].map((name) => `test/real/edge/${name}.test.ts`);

export default defineConfig({
  test: {
    globalSetup: 'test/support/fresh-build.ts',
    projects: [
      {
        test: {
          name: 'core',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**'],
          testTimeout: 20_000,
          ...manyAtOnce,
        },
      },
      // What the gateway does around Node's streams it does through them just the same.
      {
        test: {
          name: 'public-sockets',
          include: ['test/gateway/**/*.test.ts'],
          env: { TEST_SOCKETS: 'public' },
          testTimeout: 20_000,
          ...manyAtOnce,
        },
      },
      // Real programs and real processes: one file at a time, so that they do not take each other's processor.
      {
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          exclude: [...waiting, ...paired],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...realTimes,
        },
      },
      {
        test: {
          name: 'real-paired',
          include: paired,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          ...realTimes,
        },
      },
      // Those that mostly wait for the timeouts of real programs do so side by side.
      {
        test: {
          name: 'real-waiting',
          include: waiting,
          maxWorkers: waiting.length,
          sequence: { groupOrder: 3 },
          ...realTimes,
        },
      },
    ],
  },
});
