/** What this machine allows one process that opens many connections. */
import { availableParallelism } from 'node:os';
import { descriptorLimits, numbersIn, portRangeFile, readText } from './proc.ts';

export interface CapacityFacts {
  /** RLIMIT_NOFILE, soft. */
  readonly descriptors: number;
  /** Ports that the system gives out for each source address. */
  readonly ports: number;
  readonly cores: number;
}

/** Soft limit of most systems, and the ports that Linux gives out unless told otherwise. */
const usual = { descriptors: 1024, portFirst: 32_768, portLast: 60_999 };

export function readCapacityFacts(): CapacityFacts {
  const [first = usual.portFirst, last = usual.portLast] = numbersIn(readText(portRangeFile));
  return {
    descriptors: descriptorLimits(readText('/proc/self/limits'))?.soft ?? usual.descriptors,
    ports: last - first + 1,
    cores: availableParallelism(),
  };
}
