/** A directory with a server that Holdline starts, and what it is to behave like. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InstancesSpec, ManagedSpec } from '../../../src/plan/edge/plan.ts';

export interface Mode {
  readonly version?: string;
  /** It ends at its start. */
  readonly dies?: boolean;
  /** What its health path says. */
  readonly well?: boolean;
  /** What its load path answers; a text goes out as it is. */
  readonly load?: unknown;
}

export interface AppDirectory {
  readonly directory: string;
  set(mode: Mode): void;
  write(file: string, text: string): void;
  managed(instances: Partial<InstancesSpec>, restartOn?: readonly string[]): ManagedSpec;
  remove(): void;
}

const app = path.join(import.meta.dirname, 'app.mjs');

export function appDirectory(mode: Mode = {}): AppDirectory {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-managed-'));
  const write = (file: string, text: string) => writeFileSync(path.join(directory, file), text);
  const set = (next: Mode) => write('mode.json', JSON.stringify(next));
  set(mode);
  return {
    directory,
    set,
    write,
    managed(instances, restartOn = []) {
      const { min = 1, max = min } = instances;
      return {
        command: `exec "${process.execPath}" "${app}"`,
        directory,
        instances: { connectionsEach: null, cpu: null, delayMs: null, load: null, ...instances, min, max },
        restartOn,
      };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
