/**
 * Subprotocols for clients and servers that cannot agree by themselves: a server that wants one from clients that send
 * none, or one that stumbles over a token that a browser has nowhere else to put.
 */
import type { SubprotocolSpec } from '../../spec/model.ts';

/** What the server is offered, in place of what the client offered. */
export function offerFor(spec: SubprotocolSpec, offered: readonly string[]): string[] {
  const kept = offered.filter((name) => !isRemoved(spec, name));
  return spec.add === null || kept.includes(spec.add) ? kept : [...kept, spec.add];
}

/**
 * What the client is told that was chosen; null for nothing. A client that offered none must get none (RFC 6455, 4.1),
 * and a browser that offered some fails unless it gets one of them: the first that was taken out is then what it gets.
 */
export function choiceFor(spec: SubprotocolSpec, offered: readonly string[], chosen: string | null): string | null {
  if (chosen !== null && offered.includes(chosen)) return chosen;
  return offered.find((name) => isRemoved(spec, name)) ?? null;
}

/** `bearer.*` means every name that begins so. */
function isRemoved(spec: SubprotocolSpec, name: string): boolean {
  return spec.remove.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
