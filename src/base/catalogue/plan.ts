import type { CatalogueEntry } from './entry.ts';

export const planCodes = {
  'plan-workload-impossible': {
    severity: 'error',
    means: 'a number of the workload is outside what any deployment can have',
    remedy: 'correct the number; the message gives the range',
  },
  'plan-host-impossible': {
    severity: 'error',
    means: 'a value for the host is outside what any machine can have',
    remedy: 'correct the value, or leave it out to read it from this machine',
  },
  'plan-contradiction': {
    severity: 'error',
    means: 'two settings of the workload cannot both hold',
    remedy: 'change one of the two settings that the message names',
  },
  'plan-version-unknown': {
    severity: 'error',
    means: 'the target is not an nginx version that plans are made for',
    remedy: 'write a version from 1.18 to 1.31, for example 1.22.1',
  },
  'plan-does-not-fit': {
    severity: 'error',
    means: 'the host cannot carry the workload with any settings',
    remedy:
      'take one of the changes that the plan lists: more memory or processors, another host, smaller buffers, fewer connections',
  },
  'plan-needs-changes': {
    severity: 'warning',
    means: 'the host carries the workload only after settings outside nginx are raised',
    remedy: 'apply the changes that the plan lists, then plan again',
  },
  'plan-heartbeat-too-slow': {
    severity: 'error',
    means: 'a hop on the way cuts a quiet connection before the next heartbeat',
    remedy:
      'send the heartbeat more often than the hop’s idle timeout, twice as often to survive a loss, or raise that timeout',
  },
  'plan-heartbeat-tight': {
    severity: 'warning',
    means: 'one lost heartbeat is enough for a hop on the way to cut the connection',
    remedy: 'send the heartbeat at least twice in the idle timeout of the weakest hop',
  },
  'plan-heartbeat-missing': {
    severity: 'warning',
    means: 'neither side sends a heartbeat, so quiet connections are cut by the shortest idle timeout on the way',
    remedy: 'let the server or the client send a ping, or put the built-in edge in front, which can',
  },
  'explain-word-unknown': {
    severity: 'error',
    means: 'there is no explanation for the word',
    remedy: 'try a directive, a rule id or a word of a claim; holdline explain --list prints them all',
  },
} as const satisfies Record<string, CatalogueEntry>;
