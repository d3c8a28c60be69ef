/**
 * A finding about something the user wrote: what, where, why, and what to do. Findings are values; nothing throws them.
 */

export type Severity = 'error' | 'warning' | 'info';

/**
 * A place in a text. `line` and `column` count from 1 (column in UTF-16 units); `offset` counts UTF-16 units from 0.
 */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** Where a finding is: a file and a range in it, or a path inside a structured value (`routes[0].match.path`). */
export interface Where {
  readonly file?: string;
  readonly range?: Range;
  readonly path?: string;
}

/** Replaces the text between two offsets (UTF-16 units, end exclusive) of one file. */
export interface Edit {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A change that makes the finding go away. `safe` ones may be applied without asking. */
export interface Fix {
  readonly title: string;
  readonly safe: boolean;
  readonly edits: readonly Edit[];
}

export interface Related {
  readonly message: string;
  readonly where: Where;
}

export interface Diagnostic<Code extends string = string> {
  readonly code: Code;
  readonly severity: Severity;
  /** What is wrong, one sentence, with the user's own words quoted. */
  readonly message: string;
  /** What a program said about it, line by line. */
  readonly output?: readonly string[];
  readonly where?: Where;
  /** The mechanism: why it is a fault. */
  readonly why?: string;
  /** What to do about it. */
  readonly help?: string;
  readonly fix?: Fix;
  readonly related?: readonly Related[];
}

/** What every reader of user input returns: the value as far as it could be read, and what was found on the way. */
export interface Findings<Value, Code extends string = string> {
  readonly value: Value;
  readonly diagnostics: readonly Diagnostic<Code>[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}
