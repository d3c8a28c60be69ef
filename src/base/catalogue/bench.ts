import type { CatalogueEntry } from './entry.ts';

export const benchCodes = {
  'bench-url': {
    severity: 'error',
    means: 'the target of a load is not a WebSocket URL',
    remedy: 'write ws://host/path or wss://host/path',
  },
  'bench-out-of-range': {
    severity: 'error',
    means: 'a number of the load is outside the possible range',
    remedy: 'give a number in the range that the message names',
  },
  'bench-threshold': {
    severity: 'error',
    means: 'a threshold cannot be read, or asks for something that the run does not measure',
    remedy: 'write a metric, a comparison and a value: p99 < 50ms, lost = 0, reach = 1',
  },
  'bench-unknown-key': {
    severity: 'error',
    means: 'a scenario file has a setting that does not exist',
    remedy: 'correct its name, or remove it',
  },
  'bench-bad-value': {
    severity: 'error',
    means: 'a setting of a scenario file cannot be read',
    remedy: 'write it as on the command line: 30s, 10/s, 64:80%,4096:20%',
  },
  'bench-unreadable-file': {
    severity: 'error',
    means: 'a scenario file could not be read',
    remedy: 'name a YAML file that exists and may be read',
  },
  'bench-message': {
    severity: 'error',
    means: 'a message with placeholders, or the pattern of its reply, cannot be used',
    remedy: 'give each message {id} or {number}, and the pattern a group (?<id>...) that finds it in the reply',
  },
  'bench-contradiction': {
    severity: 'error',
    means: 'two settings of a load contradict each other',
    remedy: 'leave one of them out',
  },
  'bench-descriptors': {
    severity: 'error',
    means: 'the processes of the load may not open as many files as it has connections',
    remedy: 'open fewer connections, take more processes, or raise ulimit -n',
  },
  'bench-ports': {
    severity: 'error',
    means: 'the source addresses have fewer free ports than the load has connections',
    remedy: 'open fewer connections, or name more addresses of this machine with --source',
  },
  'bench-public-target': {
    severity: 'error',
    means: 'the target of a load is a public address, and nobody confirmed that it is theirs',
    remedy: 'load only what you may load; say so with --i-own-this-target',
  },
  'bench-target-unreachable': {
    severity: 'error',
    means: 'the target of a load cannot be reached, so nothing was started',
    remedy: 'start the server, or correct host and port; holdline probe says what is wrong with an endpoint',
  },
  'bench-nothing-opened': {
    severity: 'error',
    means: 'no connection of the load could be opened',
    remedy: 'look at the reasons in the report; holdline probe says what is wrong with an endpoint',
  },
  'bench-process-unknown': {
    severity: 'error',
    means: 'the process to measure does not exist here, or you may not look at it',
    remedy: 'give the id of a process of this machine, on Linux',
  },
  'bench-cannot-write': {
    severity: 'error',
    means: 'the page or the table of results could not be written',
    remedy: 'name a file in a directory that exists and may be written to',
  },
  'bench-generator-died': {
    severity: 'error',
    means: 'a process that made the load ended unexpectedly, so the numbers are incomplete',
    remedy: 'look for what ended it (often too little memory), and run again with more processes or less load',
  },
} as const satisfies Record<string, CatalogueEntry>;
