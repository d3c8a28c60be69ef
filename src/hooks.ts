/** What a hooks module is written against: types alone, for `import type`. */
export type { CloseCause, CloseParty } from './base/close-cause.ts';
export type * from './gateway/hooks/types.ts';
