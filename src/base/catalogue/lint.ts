import type { CatalogueEntry } from './entry.ts';

export const lintCodes = {
  'lint-comment-invalid': {
    severity: 'error',
    means: 'a comment for the linter cannot be understood',
    remedy: 'write # holdline:ignore RULE: reason, # holdline:websocket or # holdline:context http,server',
  },
  'lint-suppression-unused': {
    severity: 'warning',
    means: 'a comment silences a rule that finds nothing there',
    remedy: 'remove the comment, or move it to the statement it is meant for',
  },
  'lint-cannot-write': {
    severity: 'error',
    means: 'the fixed files could not be written, and are unchanged',
    remedy: 'check the permissions, or take the changes from --diff',
  },
  'lint-settings-invalid': {
    severity: 'error',
    means: '.holdlinerc.yaml has a setting that the linter does not know',
    remedy: 'correct the key; docs/lint.md has all of them',
  },
  'lint-rule-unusable': {
    severity: 'error',
    means: 'a file of --rule could not be loaded, or is not a rule',
    remedy: 'export a rule, or a list of rules, as the default; docs/lint.md has an example',
  },
  'lint-rule-failed': {
    severity: 'error',
    means: 'a rule of your own threw an error',
    remedy: 'fix the rule, or leave it out; the other rules were run',
  },
  'lint-baseline-unreadable': {
    severity: 'error',
    means: 'the file of --baseline does not exist, or is not a baseline',
    remedy: 'write one with --write-baseline FILE',
  },
} as const satisfies Record<string, CatalogueEntry>;
