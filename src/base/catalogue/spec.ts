import type { CatalogueEntry } from '../catalogue.ts';

export const specCodes = {
  'spec-not-available-yet': {
    severity: 'error',
    means: 'the spec asks for something that Holdline does not do yet',
    remedy: 'remove the setting, or wait for a version whose changelog names it',
  },
} as const satisfies Record<string, CatalogueEntry>;
