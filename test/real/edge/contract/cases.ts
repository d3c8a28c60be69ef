/** The contract: what a client may do with a `ws` echo server, and what must come of it with the edge in between. */
import { broken } from './breaking.ts';
import { chopped, fragmentation, framing, pings, utf8 } from './carrying.ts';
import type { ContractCase } from './case.ts';
import { closes } from './closing.ts';
import { compression } from './compressing.ts';

export const groups = {
  framing,
  chopped,
  pings,
  fragmentation,
  utf8,
  closes,
  broken,
  compression,
} as const satisfies Record<string, readonly ContractCase[]>;
