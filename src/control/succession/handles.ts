/**
 * Handles that stay in this process while another one says where they go: by name, so that none of them has to travel
 * there and back.
 */
export class HandleTable {
  /** Bound sockets, which go to many. */
  readonly #lasting = new Map<string, unknown>();
  readonly #passing = new Map<string, unknown>();
  #number = 0;

  /** `listener-0`, `listener-1` … */
  keepListeners(handles: readonly unknown[]): void {
    for (const [index, handle] of handles.entries()) this.#lasting.set(listenerName(index), handle);
  }

  /** null for what is none. */
  put(handle: unknown): string | null {
    if (handle === undefined || handle === null) return null;
    const name = `handle-${++this.#number}`;
    this.#passing.set(name, handle);
    return name;
  }

  /** `sent` has to be called once it has gone: then this process lets go of it. */
  take(name: string | null): { readonly thing: unknown; readonly sent: () => void } {
    if (name === null) return { thing: undefined, sent: () => undefined };
    const lasting = this.#lasting.get(name);
    if (lasting !== undefined) return { thing: lasting, sent: () => undefined };
    const thing = this.#passing.get(name);
    this.#passing.delete(name);
    return { thing, sent: () => close(thing) };
  }

  drop(name: string): void {
    close(this.#passing.get(name));
    this.#passing.delete(name);
  }

  /** Whoever was to say where these go is gone. Of this process only: whoever sent them has them still. */
  clear(): void {
    for (const handle of this.#passing.values()) close(handle);
    this.#passing.clear();
  }
}

export function listenerName(index: number): string {
  return `listener-${index}`;
}

/** A handle that another process has. */
export class DistantHandle {
  readonly name: string;
  readonly #drop: (name: string) => void;
  #gone = false;

  constructor(name: string, drop: (name: string) => void) {
    this.name = name;
    this.#drop = drop;
  }

  /** It has been sent on. */
  spend(): void {
    this.#gone = true;
  }

  close(): void {
    if (!this.#gone) this.#drop(this.name);
    this.#gone = true;
  }

  /** As a bound socket has it. */
  getsockname(): number {
    return 0;
  }
}

function close(handle: unknown): void {
  (handle as { close?: () => void } | undefined)?.close?.();
}
