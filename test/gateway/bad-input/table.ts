/** All cases, and how they stand in docs/bad-input.md. */
import type { BadInput } from './bench.ts';
import { ends } from './ends.ts';
import { frames } from './frames.ts';
import { requests } from './requests.ts';
import { servers } from './servers.ts';

export const groups = { requests, servers, frames, ends } as const satisfies Record<string, readonly BadInput[]>;

export function rowOf({ what, client, server, noted }: BadInput): string {
  return `| ${what} | ${client} | ${server} | ${noted === 'none' ? '–' : `\`${noted}\``} |`;
}
