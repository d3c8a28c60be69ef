/**
 * What was thrown and reached nobody is a fault of Holdline's own. It ends the one socket whose event it was thrown in,
 * where that is known; otherwise nobody can say what state the worker is in, and it ends in order.
 */
import type { FaultOwner } from '../inside/owner.ts';

/** A socket that is cut with this was cut for a fault, not for what the network or its peer did. */
export class EdgeFault extends Error {
  constructor(cause: Error) {
    super('a fault of the edge', { cause });
    this.name = 'EdgeFault';
  }
}

export type FaultEnds = 'socket' | 'worker';

export interface Fault {
  readonly ends: FaultEnds;
  readonly message: string;
  readonly stack: string | null;
}

/** Cuts what the fault belongs to and says what that was. null: nobody knows whose it is. */
export function takeFault(thrown: unknown, owner: FaultOwner | null): Fault {
  const error = thrown instanceof Error ? thrown : new Error(`thrown: ${describe(thrown)}`);
  const { message } = error;
  // Without a name's own frames nothing can be found again: the whole stack, with its causes' messages.
  const stack = error.stack ?? null;
  if (owner === null) return { ends: 'worker', message, stack };
  owner.destroy(new EdgeFault(error));
  return { ends: 'socket', message, stack };
}

/** Strings of unknown things must not throw in their turn. */
function describe(thrown: unknown): string {
  try {
    return String(thrown).slice(0, 200);
  } catch {
    return typeof thrown;
  }
}
