import type { CatalogueEntry } from '../catalogue.ts';

export const controlCodes = {
  'control-unreachable': {
    severity: 'error',
    means: 'no edge answers on the control address',
    remedy: 'start the edge with holdline up, or name its address with --control',
  },
} as const satisfies Record<string, CatalogueEntry>;
