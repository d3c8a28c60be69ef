/**
 * What a user does with an edge and sees of it, whichever engine carries the connections. A step that differs names its row in the
 * table of docs/nginx-engine.md.
 */
import { changing } from './changing.ts';
import { seeing } from './seeing.ts';
import { steering } from './steering.ts';

/** In their order: the last one ends the edge. */
export const steps = [...seeing, ...steering, ...changing];
