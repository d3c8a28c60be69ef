/** What /proc says of a process: nginx's workers are watched with it. Linux only; elsewhere everything is null. */
import { readdirSync, readlinkSync } from 'node:fs';
import { descriptorLimits, readText } from './proc.ts';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** As `ps` shows it: `nginx: worker process is shutting down`. */
  readonly title: string;
  /** Seconds since the machine started, at which the process did. */
  readonly startedAtSeconds: number;
  /** Processor time used so far. */
  readonly cpuSeconds: number;
  /**
   * Memory that it has for itself and its share of what it has in common; resident memory where that may not be read.
   */
  readonly memoryBytes: number;
  readonly memoryKind: 'proportional' | 'resident';
  /** null: not ours to read. */
  readonly descriptors: DescriptorFacts | null;
  readonly descriptorsLimit: number | null;
}

export interface DescriptorFacts {
  readonly open: number;
  /** Numbers of the sockets, as in /proc/net. */
  readonly sockets: readonly number[];
}

/** The clock of /proc/PID/stat; fixed for user space on Linux, whatever the kernel was built with. */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/**
 * Fields of /proc/PID/stat from the third on (proc_pid_stat(5)): the name before them may hold spaces and brackets
 * itself.
 */
const firstField = 3;

function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** utime and stime. */
function cpuSecondsOf(fields: readonly string[]): number {
  return (Number(fields[14 - firstField]) + Number(fields[15 - firstField])) / ticksPerSecond;
}

/** null: there is no such process. */
export function readProcess(pid: number): ProcessFacts | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = fieldsOf(stat);
  const at = (field: number) => Number(fields[field - firstField]);
  const proportional = /^Pss:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return {
    pid,
    parent: at(4),
    title: (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim(),
    startedAtSeconds: at(22) / ticksPerSecond,
    cpuSeconds: cpuSecondsOf(fields),
    memoryBytes: proportional === undefined ? at(24) * pageBytes : Number(proportional) * 1024,
    memoryKind: proportional === undefined ? 'resident' : 'proportional',
    descriptors: readDescriptors(pid),
    descriptorsLimit: descriptorLimits(readText(`/proc/${pid}/limits`))?.soft ?? null,
  };
}

export interface ProcessUse {
  /** Processor time so far. It comes in ticks of 10 ms. */
  readonly cpuMs: number;
  /** Memory that belongs to the process alone: no files, no shared libraries. */
  readonly memoryBytes: number;
}

/**
 * What a process has used so far; cheap enough for once a second. null: there is no such process, or it may not be
 * looked at.
 */
export function readProcessUse(pid: number): ProcessUse | null {
  const stat = readText(`/proc/${pid}/stat`);
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  if (stat === null || anonymous === undefined) return null;
  return { cpuMs: cpuSecondsOf(fieldsOf(stat)) * 1000, memoryBytes: Number(anonymous) * 1024 };
}

export function childrenOf(pid: number): number[] {
  return (readText(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
}

/** Every process that can be seen. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc: not Linux.
    return [];
  }
}

function readDescriptors(pid: number): DescriptorFacts | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Another user's process, or it has just ended.
    return null;
  }
  const sockets = names.flatMap((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${name}`) ?? '')?.[1];
    return inode === undefined ? [] : [Number(inode)];
  });
  return { open: names.length, sockets };
}

function readLink(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    // Closed since the directory was read.
    return null;
  }
}
