import type { CheckState } from '../../policy/health/check.ts';
import { hungForMs } from '../../policy/health/hung.ts';
import type { ManagedInstance } from './instance.ts';

/**
 * Replaces the first instance that hangs, unless one is being replaced: what the checks share may be at fault, and no
 * process.
 */
export function replaceHung(instances: readonly ManagedInstance[], checkOf: (url: string) => CheckState | null): void {
  if (instances.some((instance) => instance.isBeingReplaced)) return;
  for (const instance of instances) {
    const check = instance.url === null ? null : checkOf(instance.url);
    const forMs = check === null ? null : hungForMs(check);
    if (check === null || forMs === null) continue;
    instance.replace(`no healthy answer for ${Math.floor(forMs / 1000)} s: ${check.detail}`);
    return;
  }
}
