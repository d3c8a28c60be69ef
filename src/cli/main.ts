#!/usr/bin/env node
import { successorVariable } from '../control/succession/variable.ts';
import type { ExitCode } from './context.ts';
import { run } from './program.ts';
import { flushed } from './terminal/flush.ts';

// Whoever reads our output may stop early (holdline check | head); that is no failure. An edge goes on: its clients are
// not its reader's.
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

/** Of a process that was started to take over an edge. */
async function keeperOf(env: NodeJS.ProcessEnv) {
  const { [successorVariable]: isSuccessor } = env;
  delete env[successorVariable];
  if (isSuccessor === undefined || process.send === undefined) return {};
  const { DistantKeeper } = await import('../control/succession/distant-keeper.ts');
  // Without the keeper there are no sockets and no children: nothing is left to supervise.
  process.once('disconnect', () => process.exit(3));
  return {
    successor: new DistantKeeper({
      send: (message, handle, sent) => {
        if (process.connected) process.send?.(message, handle as never, {}, () => sent());
        else sent();
      },
      onMessage: (hear) => process.on('message', (message, handle) => hear(message as never, handle)),
    }),
  };
}

try {
  const { stdout, stderr, env } = process;
  const successor = await keeperOf(env);
  await end(await run(process.argv.slice(2), { stdout, stderr, env, outlivesReaders, ...successor }));
} catch (bug) {
  console.error('This is a bug in Holdline. Please report it with what is below.');
  console.error(bug);
  await end(3);
}
