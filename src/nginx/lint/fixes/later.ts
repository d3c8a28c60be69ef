/**
 * Fixes whose edits are worked out when somebody looks at them. Most runs only count fixes, and a fix of one file can
 * be thousands of edits.
 */

import type { Edit, Fix } from '../../../base/diagnostic.ts';

/** `edits` is asked once, or never; it has to find something to change. */
export function fixLater(title: string, safe: boolean, edits: () => readonly Edit[]): Fix {
  let made: readonly Edit[] | null = null;
  return {
    title,
    safe,
    get edits() {
      made ??= edits();
      return made;
    },
  };
}

/** True when the fix changes something; what is worked out later always does. */
export function hasEdits(fix: Fix): boolean {
  return Object.getOwnPropertyDescriptor(fix, 'edits')?.get !== undefined || fix.edits.length > 0;
}
