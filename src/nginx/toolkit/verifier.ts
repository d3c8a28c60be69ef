import type { Spec } from '../../spec/model.ts';
import type { Verification, VerifyOptions } from './verify.ts';

/**
 * Starts the nginx of this machine with what `generate` writes for the spec, on free ports of loopback, and tries it.
 * Takes some seconds. Rejects with `verify-nginx-missing` when there is no nginx here, or none that is planned for.
 */
export async function verify(spec: Spec, options: VerifyOptions = {}): Promise<Verification> {
  // Loaded only here: whoever lints does not want sockets and processes.
  const { verifyFor } = await import('./verify.ts');
  return verifyFor(spec, options);
}
