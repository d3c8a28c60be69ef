/**
 * The entry of a short process that tries the direct way with sockets: what leans on Node's inside can end a process
 * with an assertion, and that must not be the supervisor's.
 */
import { tryHandles } from '../../gateway/inside/trial.ts';

// A terminal sends its signals to every process of the group; ended by one, this would look like a Node that cannot.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const problem = await tryHandles();
process.send?.({ problem }, () => process.disconnect());
