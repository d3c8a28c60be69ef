/** Dialling in tests: to a connection, or to a failure, where the other is an error. */
import { onTestFinished } from 'vitest';
import { type ClientDialResult, dial } from '../../../src/client/dial/dial.ts';
import type { DialFailure } from '../../../src/client/dial/failure.ts';
import type { DialOptions } from '../../../src/client/dial/options.ts';

export async function opened(url: string, options: DialOptions = {}): Promise<Extract<ClientDialResult, { ok: true }>> {
  const result = await dial(url, options);
  if (!result.ok) throw new Error(`${result.failure.phase}: ${result.failure.code}: ${result.failure.detail}`);
  onTestFinished(() => result.connection.cut());
  return result;
}

export async function failure(url: string, options: DialOptions = {}): Promise<DialFailure> {
  const result = await dial(url, options);
  if (!result.ok) return result.failure;
  result.connection.cut();
  throw new Error('the dial succeeded');
}
