/** Bound sockets stay in this process while another one says which children get them: by name. */
export class HandleTable {
  readonly #listeners = new Map<string, unknown>();

  /** `listener-0`, `listener-1` … */
  keepListeners(handles: readonly unknown[]): void {
    for (const [index, handle] of handles.entries()) this.#listeners.set(listenerName(index), handle);
  }

  find(name: string | null): unknown {
    return name === null ? undefined : this.#listeners.get(name);
  }
}

export function listenerName(index: number): string {
  return `listener-${index}`;
}

/** A handle that another process has. */
export class DistantHandle {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The process that has it lets go of it when the edge has ended. */
  close(): void {
    // It is not this process that lets go of it.
  }

  /** As a bound socket has it. */
  getsockname(): number {
    return 0;
  }
}
