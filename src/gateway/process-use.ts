/**
 * What this process uses of what the machine has. Reading it must not need what may be gone, and must not throw when it
 * is.
 */
import { statSync } from 'node:fs';

let lastMemoryBytes = 0;

/** Resident memory. Node opens a file for it: without a free descriptor, the last figure stands. */
export function residentBytes(): number {
  try {
    lastMemoryBytes = process.memoryUsage.rss();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
  return lastMemoryBytes;
}

/**
 * Open descriptors of every kind: clients before their first byte, dials, pooled connections, the log. Linux 6.2 and
 * later tell it as the size of /proc/self/fd (fs/proc/fd.c, proc_fd_getattr), without opening anything; elsewhere null.
 */
export function openDescriptors(): number | null {
  const size = statSync('/proc/self/fd', { throwIfNoEntry: false })?.size ?? 0;
  return size === 0 ? null : size;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
