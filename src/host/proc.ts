/** Files of /proc and /sys, read in one way. */
import { readFileSync } from 'node:fs';

/** null: missing, forbidden, ended, or no such file on this system. What that means is the caller's to say. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

export interface DescriptorLimits {
  readonly soft: number;
  readonly hard: number;
}

/**
 * RLIMIT_NOFILE out of the text of /proc/PID/limits (proc_pid_limits(5)); no limit is Number.MAX_SAFE_INTEGER. null
 * without the row.
 */
export function descriptorLimits(limits: string | null): DescriptorLimits | null {
  const row = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits ?? '');
  if (row === null) return null;
  const value = (text: string) => (text === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(text));
  return { soft: value(row[1]!), hard: value(row[2]!) };
}

/** The first and the last port that the system gives out (ip(7)). */
export const portRangeFile: string = '/proc/sys/net/ipv4/ip_local_port_range';

/** Non-negative whole numbers; whatever else stands there (`max`, `-1`) makes the list end. */
export function numbersIn(text: string | null): number[] {
  const found: number[] = [];
  for (const word of (text ?? '').trim().split(/\s+/)) {
    if (!/^\d+$/.test(word)) break;
    found.push(Number(word));
  }
  return found;
}
