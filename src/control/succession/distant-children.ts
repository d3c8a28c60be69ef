/** Children of the keeper, as a supervisor in a process of its own sees them. */
import type { Child, ChildEars, ChildExit, Children, ChildSpec } from '../processes/child.ts';
import { DistantHandle } from './handles.ts';
import type { FromKeeper, ToKeeper } from './protocol.ts';

type Heard = Extract<FromKeeper, { kind: 'started' | 'heard' | 'text' | 'exit' }>;

interface Entry {
  readonly child: Child;
  pid: number;
  /** null until somebody listens. */
  ears: ChildEars | null;
  readonly end: (exit: ChildExit) => void;
}

export class DistantChildren implements Children {
  readonly #tell: (message: ToKeeper, sent?: () => void) => void;
  readonly #entries = new Map<string, Entry>();
  /** What was heard of those that nobody listens to yet. */
  readonly #early = new Map<string, Heard[]>();
  #number = 0;

  constructor(tell: (message: ToKeeper, sent?: () => void) => void) {
    this.#tell = tell;
  }

  start(spec: ChildSpec, ears: ChildEars): Child {
    const id = `${process.pid}-${++this.#number}`;
    this.#tell({ kind: 'start', child: id, spec });
    return this.#enter(id, 0, ears);
  }

  adopt(id: string, ears: ChildEars): Child | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    entry.ears = ears;
    const early = this.#early.get(id) ?? [];
    this.#early.delete(id);
    // Whoever adopts it has to have it before the first word comes.
    queueMicrotask(() => {
      for (const message of early) this.hear(message);
    });
    return entry.child;
  }

  close(): void {
    // The keeper ends with the edge, and knows.
  }

  /** These run, with their process ids, and no others. */
  expect(pids: Readonly<Record<string, number>>): void {
    for (const child of [...this.#entries.keys()]) if (pids[child] === undefined) this.#gone(child);
    for (const [id, pid] of Object.entries(pids)) if (!this.#entries.has(id)) this.#enter(id, pid, null);
  }

  /** Those that nobody has adopted. */
  strangers(): Child[] {
    return [...this.#entries.values()].filter(({ ears }) => ears === null).map(({ child }) => child);
  }

  hear(message: Heard): void {
    const entry = this.#entries.get(message.child);
    if (entry === undefined) return;
    if (entry.ears === null) {
      const early = this.#early.get(message.child) ?? [];
      this.#early.set(message.child, [...early, message]);
      return;
    }
    switch (message.kind) {
      case 'started':
        entry.pid = message.pid;
        break;
      case 'heard':
        entry.ears.message?.(message.message);
        break;
      case 'text':
        entry.ears.text?.(message.stream, message.text);
        break;
      case 'exit':
        this.#entries.delete(message.child);
        entry.end(message.exit);
        break;
    }
  }

  /** It ended while another supervisor was there to hear of it. */
  #gone(id: string): void {
    this.#entries.get(id)?.end({ code: null, signal: null, problem: 'it ended' });
    this.#entries.delete(id);
  }

  #enter(id: string, pid: number, ears: ChildEars | null): Child {
    let end!: Entry['end'];
    const exited = new Promise<ChildExit>((resolve) => {
      end = resolve;
    });
    const tell = this.#tell;
    const child: Child = {
      id,
      get pid() {
        return entry.pid;
      },
      exited,
      send(message, handle, sent) {
        tell({ kind: 'send', child: id, message, handle: handle instanceof DistantHandle ? handle.name : null }, sent);
      },
      kill: (signal) => tell({ kind: 'kill', child: id, signal }),
    };
    const entry: Entry = { child, pid, ears, end };
    this.#entries.set(id, entry);
    return child;
  }
}
