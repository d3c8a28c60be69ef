import type { CatalogueEntry } from './entry.ts';

export const runCodes = {
  'verify-nginx-missing': {
    severity: 'error',
    means: 'there is no nginx to try the configuration with',
    remedy: 'install nginx, or put its directory into PATH',
  },
  'verify-nginx-refused': {
    severity: 'error',
    means: 'nginx did not start with the generated configuration',
    remedy: 'read what nginx said; a port, a file or a module may be missing on this machine',
  },
  'live-unreadable': {
    severity: 'error',
    means: 'the running nginx could not be looked at',
    remedy:
      'name the process id of the master, or the URL of a stub_status page; run as root to see another user’s processes',
  },
  'live-limit-near': {
    severity: 'warning',
    means: 'more than four fifths of a limit are in use',
    remedy: 'raise the limit that the message names before it is reached',
  },
  'live-limit-reached': {
    severity: 'error',
    means: 'clients are or were refused, because a limit was reached',
    remedy: 'raise the limit that the message names',
  },
  'live-old-generation': {
    severity: 'info',
    means: 'workers from before a reload still hold connections',
    remedy: 'set worker_shutdown_timeout, which counts from the reload after the next',
  },
  'live-counter-leaked': {
    severity: 'warning',
    means: 'nginx counts connections that no worker holds',
    remedy: 'nothing is held; the counters are right again after a restart',
  },
} as const satisfies Record<string, CatalogueEntry>;
