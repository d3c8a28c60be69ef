#!/usr/bin/env node
import type { ExitCode } from './context.ts';
import { run } from './program.ts';
import { flushed } from './terminal/flush.ts';

// Whoever reads our output may stop early (holdline check | head); that is no failure. An edge goes on: its clients are not its reader's.
let outlives = false;
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!outlives) process.exit(0);
  });
}
const outlivesReaders = () => {
  outlives = true;
};

/** Ends even when something is still open, but not before what was said has been handed over. */
async function end(code: ExitCode): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

try {
  const { stdout, stderr, env } = process;
  await end(await run(process.argv.slice(2), { stdout, stderr, env, outlivesReaders }));
} catch (bug) {
  console.error('This is a bug in Holdline. Please report it with what is below.');
  console.error(bug);
  await end(3);
}
