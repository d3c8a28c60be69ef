import type { CatalogueEntry } from './entry.ts';

export const nginxCodes = {
  'nginx-unreadable-file': {
    severity: 'error',
    means: 'a configuration file could not be read',
    remedy: 'check the path and the permissions',
  },
  'nginx-unexpected-token': {
    severity: 'error',
    means: 'nginx does not accept this character here',
    remedy: 'look for a missing or doubled ";", "{", "}" or quote just before it',
  },
  'nginx-unexpected-end': {
    severity: 'error',
    means: 'the file ends inside a statement, a quoted word or a block',
    remedy: 'add the missing ";", quote or "}"',
  },
  'nginx-word-too-long': {
    severity: 'error',
    means: 'a word or a comment is longer than the 4,096 bytes nginx reads at a time',
    remedy: 'look for a missing quote, or split the word, for example with set and variables',
  },
  'nginx-byte-order-mark': {
    severity: 'error',
    means: 'the file begins with a byte order mark, which nginx takes for the start of a directive’s name',
    remedy: 'save the file as UTF-8 without a byte order mark',
  },
  'nginx-limit-reached': {
    severity: 'error',
    means: 'the configuration is larger than what is read or reported',
    remedy: 'read it in parts',
  },
  'nginx-template': {
    severity: 'info',
    means: 'the file is a template of another program: what that program puts in is not known',
    remedy: 'render the template and lint the result, to check the rest',
  },
  'nginx-template-unreadable': {
    severity: 'warning',
    means: 'the braces match along no branch of the template, so nothing in it was checked',
    remedy: 'render the template and lint the result',
  },
  'nginx-include-missing': {
    severity: 'error',
    means: 'an include names a file that does not exist',
    remedy: 'correct the path, or write one letter of it in brackets (x[.]conf) where the file is optional',
  },
  'nginx-include-no-match': {
    severity: 'info',
    means: 'the pattern of an include matches no file, which nginx accepts',
    remedy: 'check the pattern if files were expected',
  },
  'nginx-include-cycle': {
    severity: 'error',
    means: 'a file includes itself, directly or through others',
    remedy: 'remove one of the includes',
  },
  'nginx-unknown-directive': {
    severity: 'error',
    means: 'no known module has a directive of that name',
    remedy: 'check the spelling, and that the module that provides it is loaded',
  },
  'nginx-directive-not-in-target': {
    severity: 'error',
    means: 'the directive exists, but not in the version of nginx that was chosen as the target',
    remedy: 'use what the target version has, or choose another target',
  },
  'nginx-directive-misplaced': {
    severity: 'error',
    means: 'the directive is not allowed in this block',
    remedy: 'move it to a block that takes it',
  },
  'nginx-argument-count': {
    severity: 'error',
    means: 'the directive has more or fewer arguments than it takes',
    remedy: 'quote a value that contains spaces; look for a missing ";" on the line before',
  },
  'nginx-block-expected': {
    severity: 'error',
    means: 'the directive needs a block in braces',
    remedy: 'write { } after it',
  },
  'nginx-block-unexpected': {
    severity: 'error',
    means: 'the directive takes no block, but one follows',
    remedy: 'end it with ";"; quote a regular expression that contains braces',
  },
  'nginx-duplicate-directive': {
    severity: 'error',
    means: 'the directive appears twice in a block that may have it once',
    remedy: 'remove one of them; an included file may hold the other',
  },
  'nginx-invalid-value': {
    severity: 'error',
    means: 'the directive does not accept this argument',
    remedy: 'write a value that the directive accepts',
  },
  'nginx-unknown-variable': {
    severity: 'error',
    means: 'a variable is used that neither nginx nor the configuration defines',
    remedy: 'define it with map, set or geo, or correct its name',
  },
  'nginx-target-beyond-tables': {
    severity: 'info',
    means: 'the target is newer than the newest nginx whose directives Holdline knows',
    remedy: 'use a newer Holdline, or trust nginx -t where the two differ',
  },
  'nginx-upstream-order': {
    severity: 'warning',
    means: 'a directive that chooses the server follows another one, or follows keepalive; nginx warns about it',
    remedy: 'keep one of least_conn, ip_hash, hash and random, and write it before keepalive',
  },
  'nginx-resolve-needs': {
    severity: 'error',
    means: 'a server with resolve needs a zone in its upstream, and a resolver there or in http; nginx does not start',
    remedy: 'add zone NAME 64k and a resolver to the upstream',
  },
  'nginx-obsolete-directive': {
    severity: 'warning',
    means: 'the directive still exists in the target version but does nothing, or will be removed',
    remedy: 'use what replaces it',
  },
  'nginx-edit-overlap': {
    severity: 'error',
    means: 'two edits change the same bytes, or an edit lies outside the file',
    remedy: 'apply one of them, read the file again, then the other',
  },
} as const satisfies Record<string, CatalogueEntry>;
