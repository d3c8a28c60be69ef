import { commonVersion } from '../../gateway/handover/fields.ts';
import type { Incumbent } from './incumbent.ts';
import { type Greeting, keeperVersions, type Past, type WrittenSupervisor } from './protocol.ts';
import type { ChildRelay } from './relay.ts';
import type { SuccessorProcess } from './successor-process.ts';

/** It harms nobody by standing still, and is given up early. */
const patienceMs = 5000;
/** A process comes up in half a second; a loaded machine takes many times that. */
export const comesUpMs = 30_000;
/** On top of its probation. */
const trialMs = 60_000;

/** A supervisor that is tried, and for whom. */
export interface Tried {
  readonly successor: SuccessorProcess;
  readonly incumbent: Incumbent;
}

/** The keeper's side of trying a new supervisor: one at a time. */
export class SupervisorTrial {
  readonly #relay: ChildRelay;
  readonly #start: (patienceMs: number) => SuccessorProcess;
  #tried: (Tried & { greeting: Greeting | null; timer: NodeJS.Timeout }) | null = null;

  constructor(relay: ChildRelay, start: (patienceMs: number) => SuccessorProcess) {
    this.#relay = relay;
    this.#start = start;
  }

  begin(incumbent: Incumbent): void {
    this.dismiss();
    const timer = setTimeout(() => this.fail('it did not come up in time'), comesUpMs);
    this.#tried = { successor: this.#start(patienceMs), incumbent, greeting: null, timer };
  }

  draft(state: WrittenSupervisor, probationMs: number): void {
    const tried = this.#tried;
    if (tried === null) return;
    clearTimeout(tried.timer);
    tried.timer = setTimeout(() => this.fail('its trial took too long'), probationMs + trialMs);
    tried.successor.tell({ kind: 'draft', state, probationMs });
  }

  pass({ part, rows }: Past): void {
    this.#tried?.successor.tell({ kind: 'past', part, rows });
  }

  isOf(successor: SuccessorProcess): boolean {
    return this.#tried?.successor === successor;
  }

  greeted(greeting: Greeting): void {
    const tried = this.#tried;
    if (tried === null) return;
    tried.greeting = greeting;
    if (speaks(greeting)) tried.incumbent.greeted(greeting);
    else this.fail(`version ${greeting.version} cannot talk to the process that was started first; restart the edge`);
  }

  judged(problem: string | null): void {
    const tried = this.#tried;
    if (tried === null || tried.greeting === null) return;
    if (problem !== null) {
      this.fail(problem);
      return;
    }
    clearTimeout(tried.timer);
    const { version, reads } = tried.greeting;
    tried.incumbent.tried({ ok: true, version, reads });
  }

  fail(problem: string): void {
    const tried = this.#tried;
    if (tried === null) return;
    this.dismiss();
    tried.incumbent.tried({ ok: false, version: tried.greeting?.version ?? null, problem });
  }

  dismiss(): void {
    const tried = this.take();
    if (tried === null) return;
    tried.successor.kill();
    this.#relay.endThoseOf(tried.successor);
  }

  /** It is not tried any more, and lives; null when there is none. */
  take(): Tried | null {
    const tried = this.#tried;
    this.#tried = null;
    if (tried !== null) clearTimeout(tried.timer);
    return tried;
  }
}

export function speaks(greeting: Greeting): boolean {
  return commonVersion(keeperVersions, greeting.speaks) !== null;
}
