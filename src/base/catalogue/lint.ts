import type { CatalogueEntry } from './entry.ts';

export const lintCodes = {
  'lint-comment-invalid': {
    severity: 'error',
    means: 'a comment that speaks to the linter cannot be understood',
    remedy: 'write # holdline:ignore RULE: reason, # holdline:websocket or # holdline:context http,server',
  },
  'lint-suppression-unused': {
    severity: 'warning',
    means: 'a comment keeps a rule quiet that finds nothing there',
    remedy: 'take the comment out, or move it to the statement it is meant for',
  },
  'lint-cannot-write': {
    severity: 'error',
    means: 'the mended files could not be written, and are as they were',
    remedy: 'check the permissions, or take the changes from --diff',
  },
} as const satisfies Record<string, CatalogueEntry>;
