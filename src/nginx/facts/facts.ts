/** What is known about a directive, as data. The rows are in directives/; directives.ts finds them by name. */

import type { NginxVersion } from '../../base/nginx-version.ts';

/**
 * Where a directive may stand. The names with a colon tell apart blocks that share a name in different modules;
 * `if:server` and `if:location` are the `if` blocks of the rewrite module.
 */
export const contexts = [
  'main',
  'events',
  'http',
  'server',
  'location',
  'upstream',
  'if:server',
  'if:location',
  'limit_except',
  'stream',
  'stream:server',
  'stream:upstream',
  'mail',
  'mail:server',
] as const;
export type Context = (typeof contexts)[number];

/** What the argument means, as far as it can be checked without running nginx. */
export type ValueKind =
  | 'any'
  | 'flag'
  | 'time'
  | 'time-seconds'
  | 'size'
  | 'offset'
  | 'number'
  | 'buffers'
  | 'enum'
  | 'bitmask';

/**
 * `error`: nginx refuses a second one in the same block. `adds`: each one counts. `last`: the last one wins silently.
 */
export type Repetition = 'error' | 'adds' | 'last';

/**
 * How a block that does not have the directive gets it. `value`: from the nearest block around it that has one.
 * `set`: likewise, but all lines of that block together, so that one line of one's own loses all of them.
 * `none`: it does not.
 */
export type Inheritance = 'value' | 'set' | 'none';

/** A version as three numbers, so that versions compare. */

/** One directive in the contexts that share these properties; a name can have several rows. */
export interface DirectiveFacts {
  readonly name: string;
  /** The module without `ngx_` and `_module`: `http_proxy`, `stream_core`, `http_lua`. */
  readonly module: string;
  readonly contexts: readonly Context[];
  /** How many arguments: the counts nginx takes, or a least number. */
  readonly counts: readonly number[];
  readonly countMin: number;
  readonly countMax: number;
  readonly block: boolean;
  /** True when the statements inside the block are data of the directive (map, types, geo), not directives. */
  readonly dataBlock: boolean;
  readonly value: ValueKind;
  /** The words allowed, for `enum` and `bitmask`. */
  readonly words: readonly string[];
  /**
   * The default as the manual writes it, or null when there is none. Where it changed, each span of versions has a row.
   */
  readonly default: string | null;
  readonly repetition: Repetition;
  readonly inheritance: Inheritance;
  /** The first version that has it; null when that is older than 1.10. */
  readonly since: NginxVersion | null;
  /** The first older version in which some distribution has it all the same; null when none is known. */
  readonly backportedSince: NginxVersion | null;
  /** The first version that has it no more; null while it exists. */
  readonly until: NginxVersion | null;
  /** The first version in which it does nothing any more or is about to go; null while it is in order. */
  readonly obsoleteSince: NginxVersion | null;
  /** What replaces an obsolete one: a directive's name, or null. */
  readonly insteadUse: string | null;
  /** True when it comes with a module that nginx's own source does not hold. */
  readonly thirdParty: boolean;
}
