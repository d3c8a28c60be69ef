import type { CatalogueEntry } from '../catalogue.ts';

export const gatewayCodes = {
  'listen-port-taken': {
    severity: 'error',
    means: 'another program listens on the address already',
    remedy: 'stop the other program (ss -ltnp shows it) or choose another port',
  },
} as const satisfies Record<string, CatalogueEntry>;
