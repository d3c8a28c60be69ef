import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/support/fresh-build.ts',
    projects: [
      { test: { name: 'core', include: ['test/**/*.test.ts'], exclude: ['test/real/**'], testTimeout: 20_000 } },
      // What the gateway does around Node's streams it does through them just the same.
      {
        test: {
          name: 'public-sockets',
          include: ['test/gateway/**/*.test.ts'],
          env: { TEST_SOCKETS: 'public' },
          testTimeout: 20_000,
        },
      },
      // Real programs and real processes: one file at a time, so that they do not take each other's processor.
      {
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          fileParallelism: false,
          // Real programs on a machine that others use, too: a second failure in a row is one of ours.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
