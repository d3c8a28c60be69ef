import type { HealthResult } from '../../policy/health/check.ts';
import { waitUntilAccepting } from './server-port.ts';

/** Between two questions whether it is ready: nobody waits for a deployment in steps of seconds. */
const readyPauseMs = 200;

/** Asks a server that accepts whether it is well. */
export type ReadyCheck = (url: string, signal: AbortSignal) => Promise<HealthResult>;

/**
 * The URL once its port accepts and, with a check, the server says that it is well; null when the deadline is first.
 * `onWait` is told what it waits for.
 */
export async function untilReady(
  port: number,
  check: ReadyCheck | null,
  deadline: AbortSignal,
  onWait: (what: string) => void,
): Promise<string | null> {
  const host = await waitUntilAccepting(port, deadline);
  if (host === null) return null;
  const url = `http://${host}:${port}`;
  while (check !== null && !deadline.aborted) {
    const result = await check(url, deadline);
    if (result.ok) break;
    if (!deadline.aborted) onWait(`its health check: ${result.detail}`);
    await new Promise((resolve) => setTimeout(resolve, readyPauseMs));
  }
  return deadline.aborted ? null : url;
}
