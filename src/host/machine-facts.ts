import os from 'node:os';
import path from 'node:path';
import { completeMachine, type MachineFacts } from '../plan/nginx/machine.ts';
import { descriptorLimits, numbersIn, portRangeFile, readText } from './proc.ts';

/** Where the facts are looked for; tests bring a directory of their own. */
export interface FactSources {
  readonly root: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/**
 * Reads what this machine has. A file that is missing or odd leaves its fact to the defaults, which the plan then
 * names.
 */
export function readMachineFacts(sources: FactSources = thisMachine()): MachineFacts {
  const read = (file: string) => readText(path.join(sources.root, file));
  const quota = processorQuota(read);
  const limits = descriptorLimits(read('proc/self/limits'));
  const ports = numbersIn(read(portRangeFile));
  const known = {
    cores: quota === null ? sources.cores : Math.min(sources.cores, quota),
    memoryBytes: sources.memoryBytes,
    memoryLimitBytes: memoryLimit(read),
    descriptorsSoft: limits?.soft,
    descriptorsHard: limits?.hard,
    descriptorsCeiling: numbersIn(read('proc/sys/fs/nr_open'))[0],
    portFirst: ports[0],
    portLast: ports[1],
    somaxconn: numbersIn(read('proc/sys/net/core/somaxconn'))[0],
    receiveBytesMax: numbersIn(read('proc/sys/net/ipv4/tcp_rmem'))[2],
    sendBytesMax: numbersIn(read('proc/sys/net/ipv4/tcp_wmem'))[2],
  };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return completeMachine(given as Partial<MachineFacts>);
}

function thisMachine(): FactSources {
  return { root: '/', cores: os.availableParallelism(), memoryBytes: os.totalmem() };
}

type Read = (file: string) => string | null;

/** The smallest limit from the own control group up to the root; null for none. Version 2 first, then version 1. */
function memoryLimit(read: Read): number | null {
  const found = groups(read, 'memory').flatMap(({ unified, folder }) => {
    const text = read(`${folder}/${unified ? 'memory.max' : 'memory.limit_in_bytes'}`)?.trim();
    // Version 1 writes a huge number for "none".
    return text !== undefined && /^\d+$/.test(text) && Number(text) < 2 ** 60 ? [Number(text)] : [];
  });
  return found.length === 0 ? null : Math.min(...found);
}

/** Processors that the quota of the control group allows, as a fraction; null for no quota. */
function processorQuota(read: Read): number | null {
  const found = groups(read, 'cpu').flatMap(({ unified, folder }) => {
    const text = unified
      ? read(`${folder}/cpu.max`)
      : `${read(`${folder}/cpu.cfs_quota_us`) ?? ''} ${read(`${folder}/cpu.cfs_period_us`) ?? ''}`;
    const [quota, period] = numbersIn(text);
    return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? [quota / period] : [];
  });
  return found.length === 0 ? null : Math.min(...found);
}

interface Group {
  readonly unified: boolean;
  readonly folder: string;
}

/** The folders of the own group and of those around it. */
function groups(read: Read, controller: string): readonly Group[] {
  const lines = (read('proc/self/cgroup') ?? '').split('\n').filter((line) => line.includes(':'));
  return lines.flatMap((line) => {
    const [, controllers, ...rest] = line.split(':');
    const unified = controllers === '';
    if (!unified && !controllers!.split(',').includes(controller)) return [];
    const base = unified ? 'sys/fs/cgroup' : `sys/fs/cgroup/${controller}`;
    const parts = rest
      .join(':')
      .split('/')
      .filter((part) => part !== '' && part !== '..');
    return Array.from({ length: parts.length + 1 }, (_, depth) => ({
      unified,
      folder: [base, ...parts.slice(0, depth)].join('/'),
    }));
  });
}
