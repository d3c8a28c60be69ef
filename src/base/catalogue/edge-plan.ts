import type { CatalogueEntry } from './entry.ts';

export const edgePlanCodes = {
  'plan-connections-over-host': {
    severity: 'warning',
    means: 'the spec asks for more connections than the host can hold',
    remedy: 'raise what the message names as the first bound, add a host, or ask for less',
  },
  'plan-workers-over-cores': {
    severity: 'warning',
    means: 'there are more workers than processor cores, so they take turns instead of working at the same time',
    remedy: 'remove workers from the spec: one for each core is the default',
  },
  'plan-host-too-small': {
    severity: 'error',
    means: 'the host does not have enough memory or file descriptors for a single worker',
    remedy: 'raise what the message names',
  },
} as const satisfies Record<string, CatalogueEntry>;
