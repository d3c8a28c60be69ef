import os from 'node:os';
import type { HostFacts } from '../plan/edge/model.ts';
import { descriptorLimits, readText } from './proc.ts';

/** What the plan needs to know of this machine, and of the limits that the process runs under. */
export function readHostFacts(): HostFacts {
  // The limit of the control group; 0 or a number beyond the machine's memory when there is none.
  const constrained = process.constrainedMemory();
  const memoryBytes = constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
  return { cores: os.availableParallelism(), memoryBytes, descriptors: descriptorLimit() };
}

/** Where /proc is missing: what macOS and most BSDs allow a process at least. */
const descriptorsWithoutProc = 10_240;
/** "unlimited" is bounded by fs.nr_open, which is this much by default. */
const descriptorsUnlimited = 1_048_576;

function descriptorLimit(): number {
  const hard = descriptorLimits(readText('/proc/self/limits'))?.hard ?? descriptorsWithoutProc;
  return hard === Number.MAX_SAFE_INTEGER ? descriptorsUnlimited : hard;
}
