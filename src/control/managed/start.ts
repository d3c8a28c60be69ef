import path from 'node:path';
import type { ManagedSpec } from '../../plan/edge/plan.ts';
import { checkOnce } from '../servers/checker.ts';
import { type ManagedInstance, startManagedInstance } from './instance.ts';
import type { ManagedGroupOptions, ManagedUpstream } from './options.ts';
import type { KeptInstance } from './state.ts';

export interface StartHow {
  readonly index: number;
  readonly generation: number;
  readonly managed: ManagedSpec;
  readonly kept: KeptInstance | undefined;
  readonly onChange: () => void;
}

/** Starts an instance of an upstream, or takes one over. */
export function startOf(
  { name, health }: ManagedUpstream,
  options: ManagedGroupOptions,
  how: StartHow,
): ManagedInstance {
  const { directory, env, children, nowMs, onEvent } = options;
  const { index, generation, managed, kept, onChange } = how;
  return startManagedInstance({
    upstream: name,
    index,
    generation,
    ...(kept === undefined ? {} : { kept }),
    command: managed.command,
    directory: path.resolve(directory, managed.directory),
    env,
    children,
    check:
      health === null
        ? null
        : (url, signal) => checkOnce({ url, health, name: null, verifyTls: true, ca: null }, signal),
    nowMs,
    onEvent,
    onChange,
  });
}
