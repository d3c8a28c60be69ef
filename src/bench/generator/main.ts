/** The entry of a process that makes load: glue between Node's process object and the generator. */
import { Generator } from './generator.ts';
import { createSharedClock, type FromGenerator, type ToGenerator } from './messages.ts';

function post(message: FromGenerator): void {
  const last = message.kind === 'closed';
  if (process.connected)
    process.send?.(message, undefined, undefined, () => last && process.connected && process.disconnect());
}

const generator = new Generator({ nowMs: createSharedClock(), post });

process.on('message', (message) => generator.receive(message as ToGenerator));
process.on('disconnect', () => generator.orphaned());

// A terminal sends its signals to every process of the group; the bench says when it is time to go.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

post({ kind: 'ready' });
