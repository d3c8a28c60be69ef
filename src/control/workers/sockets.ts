import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgeEventSink } from '../log/notices.ts';

/**
 * A process starts in some 100 ms, and the check has a deadline of its own; a loaded machine needs many times as long.
 */
const deadlineMs = 15_000;

/** What the check says, of the one and then of the other. */
interface Finding {
  readonly of: 'plain' | 'tls';
  readonly problem: string | null;
}

/**
 * The direct way where this Node can, tried in a process of its own; otherwise the public one, and then it is said.
 * Never rejects.
 */
export async function chooseSockets(onEvent: EdgeEventSink, entry = checkEntry): Promise<SocketsWay> {
  const { plain, tls } = await tryElsewhere(entry);
  const problem = plain ?? tls;
  if (problem === null) return 'direct';
  onEvent({ kind: 'sockets-public', of: plain === null ? 'tls' : 'all', node: process.version, problem });
  return plain === null ? 'direct-plain' : 'public';
}

/** What is wrong with each; null where nothing is. */
function tryElsewhere(entry: string): Promise<Readonly<Record<Finding['of'], string | null>>> {
  return new Promise((resolve) => {
    // Its standard error would be the report of an assertion, which says less than the line that the edge writes.
    const child = fork(entry, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    const found = new Map<Finding['of'], string | null>();
    const settle = (otherwise: string) => {
      clearTimeout(timer);
      const of = (which: Finding['of']) => (found.has(which) ? found.get(which)! : otherwise);
      resolve({ plain: of('plain'), tls: of('tls') });
    };
    child.on('message', (message) => {
      const { of, problem } = message as Finding;
      found.set(of, problem);
      if (of === 'tls') settle('');
    });
    child.once('error', (error) => settle(`the check did not start: ${error.message}`));
    child.once('exit', (code, signal) => settle(`the check ended with ${signal ?? `exit code ${code}`}`));
  });
}

/** The compiled entry beside this file, or, when the sources run as they are (tests), the one in dist/. */
const checkEntry = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/control/workers/sockets-check.js' : './sockets-check.js',
    import.meta.url,
  ),
);
