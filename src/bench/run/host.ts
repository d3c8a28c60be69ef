/** What the machine says about itself and about its processes. Linux's /proc; elsewhere what is usual is assumed. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { CapacityFacts } from './capacity.ts';

/** Soft limit of most systems, and the ports that Linux gives out unless told otherwise. */
const usual = { descriptors: 1024, portFirst: 32_768, portLast: 60_999 };

export function readCapacityFacts(): CapacityFacts {
  const limits = /^Max open files\s+(\d+|unlimited)/m.exec(read('/proc/self/limits') ?? '')?.[1];
  const range = /(\d+)\s+(\d+)/.exec(read('/proc/sys/net/ipv4/ip_local_port_range') ?? '');
  const first = Number(range?.[1] ?? usual.portFirst);
  const last = Number(range?.[2] ?? usual.portLast);
  return {
    descriptors: limits === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(limits ?? usual.descriptors),
    ports: last - first + 1,
    cores: availableParallelism(),
  };
}

export interface ProcessReading {
  /** Processor time so far. It comes in ticks of 10 ms. */
  readonly cpuMs: number;
  /** Memory that belongs to the process alone: no files, no shared libraries. */
  readonly memoryBytes: number;
}

/** USER_HZ is 100 on every Linux that Node runs on (proc_pid_stat(5), utime). */
const msPerTick = 10;

/** Null when there is no such process, or it may not be looked at. */
export function readProcess(pid: number): ProcessReading | null {
  const stat = read(`/proc/${pid}/stat`);
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (stat === null || anonymous === undefined) return null;
  // The name, in brackets, may hold anything; what follows it is numbers, utime and stime the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick,
    memoryBytes: Number(anonymous) * 1024,
  };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Another system, or a process that is gone: the caller says what that means.
    return null;
  }
}
