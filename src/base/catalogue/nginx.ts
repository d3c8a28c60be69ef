import type { CatalogueEntry } from '../catalogue.ts';

export const nginxCodes = {
  'nginx-unreadable-file': {
    severity: 'error',
    means: 'a configuration file could not be read',
    remedy: 'check the path and the permissions',
  },
} as const satisfies Record<string, CatalogueEntry>;
