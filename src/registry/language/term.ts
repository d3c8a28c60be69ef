import type { FieldName } from './fields.ts';

/**
 * One condition of a filter, as plain data that can be sent to a worker. A filter is a list of them, and all must hold.
 */
export type Term = TextTerm | RangeTerm | WordTerm;

/** The field has one of these texts. */
export interface TextTerm {
  readonly kind: 'text';
  readonly field: FieldName | { readonly tag: string };
  readonly not: boolean;
  readonly any: readonly Pattern[];
}

export interface Pattern {
  /**
   * `glob` has at least one `*`, which stands for any text; `contains` takes no notice of case; `any` asks only that it
   * is there.
   */
  readonly how: 'equal' | 'glob' | 'contains' | 'any';
  readonly text: string;
}

/** The field lies between the bounds (milliseconds, bytes, or a plain number). */
export interface RangeTerm {
  readonly kind: 'range';
  readonly field: FieldName;
  readonly not: boolean;
  readonly min: number | null;
  readonly max: number | null;
  /** Whether the bounds themselves are outside. */
  readonly minOpen: boolean;
  readonly maxOpen: boolean;
}

/** The text stands somewhere: in the id, an address, the path, the server, the user agent, a tag … */
export interface WordTerm {
  readonly kind: 'word';
  readonly not: boolean;
  /** In lower case. */
  readonly text: string;
}
