#!/usr/bin/env node
import { run } from './program.ts';

// Whoever reads our output may stop early (holdline check | head); that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  process.exit(await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, env: process.env }));
} catch (bug) {
  console.error('This is a bug in Holdline. Please report it with what is below.');
  console.error(bug);
  process.exit(3);
}
