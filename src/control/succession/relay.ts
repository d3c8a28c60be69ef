import { type LocalChildren, localChildren } from '../processes/local.ts';
import { HandleTable } from './handles.ts';
import type { FromKeeper, NotedWorker, ToKeeper } from './protocol.ts';

type Order = Extract<ToKeeper, { kind: 'start' | 'send' | 'kill' | 'note' }>;

/** A supervisor in another process. */
interface Listener {
  /** `sent` is called once it has left, or never will. */
  tell(message: FromKeeper, handle?: undefined, sent?: () => void): void;
  /** Children that it has started. */
  readonly started: Set<string>;
}

/**
 * Between this process's children and a supervisor in another one: says on what they say to each other, and does what
 * it is told with them.
 */
export class ChildRelay {
  readonly children: LocalChildren = localChildren((id, exit) => {
    this.#noted.delete(id);
    this.#listeners.get(id)?.tell({ kind: 'exit', child: id, exit });
    this.#listeners.delete(id);
  });
  readonly handles = new HandleTable();
  /** Who hears of a child, where that is another process. */
  readonly #listeners = new Map<string, Listener>();
  readonly #noted = new Map<string, NotedWorker>();

  /** All children go to it; null: to this process, which takes them itself. */
  giveTo(listener: Listener | null): void {
    for (const id of this.children.running.keys()) {
      if (listener === null) this.#listeners.delete(id);
      else this.#listen(id, listener);
    }
  }

  note(child: string, worker: NotedWorker): void {
    this.#noted.set(child, worker);
  }

  obey(listener: Listener, order: Order): void {
    const { children, handles } = this;
    switch (order.kind) {
      case 'start': {
        const { id, pid } = children.start(order.spec, {}, order.child);
        listener.started.add(id);
        this.#listen(id, listener);
        listener.tell({ kind: 'started', child: id, pid });
        break;
      }
      case 'send':
        children.running.get(order.child)?.send(order.message, handles.find(order.handle));
        break;
      case 'kill':
        children.running.get(order.child)?.kill(order.signal);
        break;
      case 'note':
        this.note(order.child, order.worker);
        break;
    }
  }

  /** A supervisor that had charge of nothing is gone. */
  endThoseOf(listener: Listener): void {
    for (const id of listener.started) this.children.running.get(id)?.kill('SIGKILL');
  }

  /** Those that are up. */
  workers(): NotedWorker[] {
    return [...this.#noted.values()].filter(({ child }) => this.children.running.has(child));
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.children.running.values()].map(({ id, pid }) => [id, pid]));
  }

  #listen(id: string, listener: Listener): void {
    this.#listeners.set(id, listener);
    this.children.listen(id, {
      message: (message) => listener.tell({ kind: 'heard', child: id, message }),
      // A server that writes faster than the supervisor reads has to wait: its text would fill the memory of this
      // process.
      text: (stream, text) =>
        new Promise((sent) => listener.tell({ kind: 'text', child: id, stream, text }, undefined, sent)),
    });
  }
}
