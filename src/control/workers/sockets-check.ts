/**
 * The entry of a short process that tries the direct ways with sockets, and whether faults find whose socket they
 * belong to. What leans on Node's inside can end a process with an assertion, and that must not be the supervisor's. It
 * says what it found of plain sockets first, which holds whatever TLS does to it then.
 */
import { tryHandles } from '../../gateway/inside/trial.ts';
import { tryOwners } from '../../gateway/inside/trial-owner.ts';
import { tryTls } from '../../gateway/inside/trial-tls.ts';

// A terminal sends its signals to every process of the group; ended by one, this would look like a Node that cannot.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.send?.({ of: 'plain', problem: (await tryHandles()) ?? (await tryOwners()) });
process.send?.({ of: 'tls', problem: await tryTls() }, () => process.disconnect());
