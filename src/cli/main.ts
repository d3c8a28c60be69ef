#!/usr/bin/env node
import type { ExitCode } from './context.ts';
import { flushed } from './flush.ts';
import { run } from './program.ts';

// Whoever reads our output may stop early (holdline check | head); that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

/** Ends even when something is still open, but not before what was said has been handed over. */
async function end(code: ExitCode): Promise<never> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

try {
  await end(await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env }));
} catch (bug) {
  console.error('This is a bug in Holdline. Please report it with what is below.');
  console.error(bug);
  await end(3);
}
