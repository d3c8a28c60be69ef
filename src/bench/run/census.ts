/**
 * What the processes of a load say at the moment: who is connected, who is away, and what the load takes of each
 * processor.
 */
import type { GeneratorReport } from '../generator/messages.ts';

export class Census {
  readonly #open: number[];
  readonly #away: number[];
  readonly #cpuUs: number[];

  constructor(processes: number) {
    this.#open = new Array<number>(processes).fill(0);
    this.#away = new Array<number>(processes).fill(0);
    this.#cpuUs = new Array<number>(processes).fill(0);
  }

  /** `loading`: the processor time of this report counts as the load's. */
  take(index: number, report: GeneratorReport, { loading }: { readonly loading: boolean }): void {
    this.#open[index] = report.open;
    this.#away[index] = report.away;
    if (loading) this.#cpuUs[index]! += report.cpuUs;
  }

  get open(): number {
    return this.#open.reduce((sum, each) => sum + each, 0);
  }

  get away(): number {
    return this.#away.reduce((sum, each) => sum + each, 0);
  }

  /** Of the busiest process, in milliseconds. */
  get cpuMsMax(): number {
    return Math.max(...this.#cpuUs) / 1000;
  }
}
