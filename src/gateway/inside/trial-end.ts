/**
 * What the trials of sockets share: a deadline, what is to be cleared away, and one end of a connection that remembers.
 */
import type { HandleWire } from '../sockets/handle-wire.ts';
import type { WireListener } from '../tunnel/wire.ts';
import type { Handle } from './handle.ts';

/** A loopback answers within milliseconds; a machine that is starting a hundred things may take its time. */
const patienceMs = 5000;
/** More than any kernel keeps for a socket whose other end does not read, so that a write has to wait. */
export const floodBytes: number = 16 * 1024 * 1024;

/** What a trial has opened. */
export interface Used {
  readonly handles: Handle[];
  readonly wires: HandleWire[];
  readonly sockets: { destroy(): unknown }[];
}

/** Null when the trial went well; otherwise what did not, as the end of a sentence. */
export async function outcomeOf(trial: (used: Used) => Promise<void>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`the trial took more than ${patienceMs} ms`), patienceMs);
  });
  const used: Used = { handles: [], wires: [], sockets: [] };
  try {
    return await Promise.race([late, trial(used).then(() => null)]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    for (const each of [...used.wires, ...used.sockets]) each.destroy();
    for (const handle of used.handles) handle.close();
  }
}

export function expect(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(otherwise);
}

/** Remembers what happens on one wire. */
export class TrialEnd implements WireListener {
  readonly wire: HandleWire;
  readonly borrows = true as const;
  bytes = 0;
  text = '';
  ended = false;
  drained = false;
  over = false;
  error: Error | null = null;
  onChunk: (chunk: Buffer) => void = () => undefined;
  #wake: () => void = () => undefined;

  constructor(wire: HandleWire) {
    this.wire = wire;
  }

  async until(fact: () => boolean, otherwise: string): Promise<void> {
    while (!fact()) {
      expect(!this.over, otherwise);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  onBytes(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes < 1000) this.text += chunk.toString('latin1');
    this.onChunk(chunk);
    this.#wake();
  }

  onDrain(): void {
    this.drained = true;
    this.#wake();
  }

  onEnd(): void {
    this.ended = true;
    this.#wake();
  }

  onClosed(error: Error | null): void {
    this.over = true;
    this.error = error;
    this.#wake();
  }
}
