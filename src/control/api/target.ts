import type { ReloadPreview } from '../edge/preview.ts';
import type { ServerChange } from '../edge/save.ts';
import type { Engine } from '../engines/engine.ts';
import type { ReloadOutcome } from '../supervisor.ts';

/** What the control API needs of the edge. */
export interface ControlTarget extends Omit<Engine, 'close' | 'cut' | 'survivors'> {
  /** Of Holdline. */
  readonly version: string;
  /** Reads the spec again and applies it. */
  reload(): Promise<ReloadOutcome>;
  /** What that would do. */
  preview(): Promise<ReloadPreview>;
  /** Writes a server into the spec, or takes it out of it. Rejects with `server-not-saved`. */
  save(change: ServerChange): Promise<void>;
}
