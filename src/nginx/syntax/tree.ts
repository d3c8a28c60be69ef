/**
 * The tree of one configuration file. It loses nothing: every node is a range of the file's text, and what lies
 * between two nodes (spaces, line ends, comments) is found by looking at the text between their ranges.
 *
 * Text is a "byte string": one UTF-16 unit per byte of the file (Latin-1), because nginx reads bytes and knows no
 * encoding. So an offset is a byte offset, and any file at all survives the way through text and back. bytes.ts
 * converts, and `readable` there turns such text into what a person should see.
 */

/** A range of a file's text: byte offsets from 0, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One word of a statement: the name of the directive, or an argument. The range includes the quotes. */
export interface Word extends Span {
  /** What nginx hands to the directive: quotes taken off, `\"`, `\'`, `\\`, `\t`, `\r`, `\n` replaced. */
  readonly value: string;
  readonly quote: '' | '"' | "'";
}

/** From the `#` up to, not including, the line feed. */
export type Comment = Span;

/**
 * The braces of a directive and what is between them. The range runs from `{` to behind `}` (or to the end of the
 * text).
 */
export interface Block extends Span {
  /** The statements inside, in order. Empty for Lua. */
  readonly directives: readonly Directive[];
  /** `lua` for a `*_by_lua_block`, whose inside is Lua and no nginx statement. */
  readonly language: 'nginx' | 'lua';
  /** False when the text ended before the `}`. */
  readonly closed: boolean;
}

/** One statement, from its first word to behind its `;` or `}`. */
export interface Directive extends Span {
  readonly file: ConfigFile;
  /** The directive in whose block this stands in the same file; null at the top of a file. */
  readonly parent: Directive | null;
  /** Value of the first word; empty for a block without a name, which nginx refuses. */
  readonly name: string;
  /** Values of the words behind the name. */
  readonly args: readonly string[];
  /** All words, the name first. */
  readonly words: readonly Word[];
  readonly block: Block | null;
  /** False when the text ended, or a `}` came, before the `;`. */
  readonly terminated: boolean;
}

export type TemplateEngine =
  | 'Jinja'
  | 'Go template'
  | 'Helm'
  | 'ERB or EJS'
  | 'Handlebars'
  | 'Handlebars or Jinja'
  | 'FreeMarker'
  | 'envsubst'
  | 'placeholders';

export interface TemplateMark extends Span {
  readonly engine: TemplateEngine;
  /** `print`: a value appears in its place. `statements`: whole lines may. `control`: nothing does. */
  readonly role: 'print' | 'statements' | 'control';
}

/** What is known of a file that is a template. */
export interface TemplateFacts {
  readonly marks: readonly TemplateMark[];
  readonly engines: readonly TemplateEngine[];
  /** How often it has to be read so that every branch is seen. */
  readonly readings: number;
  /** Places at which the engine may put whole statements in. */
  readonly holes: readonly Span[];
}

/** One file as it was read. */
export interface ConfigFile {
  /** The path as the reader knows it, or a name such as `stdin`. */
  readonly path: string;
  readonly text: string;
  readonly directives: readonly Directive[];
  /**
   * Set when it holds marks of a template engine; words that such a mark prints have `unknownLetter` in their values.
   */
  readonly template: (TemplateFacts & { readonly sound: boolean }) | null;
  /** Every comment of the file in order, those between the words of a statement included; not those in Lua. */
  readonly comments: readonly Comment[];
  /** Offset at which reading stopped because a limit was reached; the length of the text when all was read. */
  readonly readUpTo: number;
  /** Offset of the start of each line. */
  readonly lineStarts: Uint32Array;
}

/** A statement as nginx meets it: includes are replaced by what they bring in. */
export interface Statement {
  readonly directive: Directive;
  /** The statement in whose block nginx is at this point, across files; null at the top. */
  readonly parent: Statement | null;
  /** What the block holds, includes replaced; empty without a block. Order is nginx's. */
  readonly children: readonly Statement[];
  /** The `include` directives through which nginx came here, outermost first; empty in the root file. */
  readonly through: readonly Directive[];
}

/** An `include` and the files it brought in, in nginx's order. */
export interface Inclusion {
  readonly directive: Directive;
  readonly files: readonly ConfigFile[];
  /**
   * `no-match`: a pattern found nothing, which nginx accepts. `stock`: a file that comes with nginx is not at hand, and
   * what is in it is known not to matter. `unknown`: only the template's engine knows the path. The others: a file
   * could not be had.
   */
  readonly outcome: 'read' | 'no-match' | 'stock' | 'unknown' | 'missing' | 'unreadable' | 'cycle' | 'limit';
}

/** A place in which nginx would read something that was not read. */
export interface Gap {
  /** The block it stands in; null for the top. */
  readonly parent: Statement | null;
  /** For messages: the path of an include as written, or the mark of a template. */
  readonly what: string;
  readonly kind: 'include' | 'template';
}

/** A root file with everything it includes. */
export interface Configuration {
  readonly root: ConfigFile;
  /** By path; each file is read once however often it is included. */
  readonly files: ReadonlyMap<string, ConfigFile>;
  /** The statements at the top, includes replaced. */
  readonly statements: readonly Statement[];
  readonly inclusions: readonly Inclusion[];
  /** In nginx's order; empty when everything that is included was read. */
  readonly gaps: readonly Gap[];
  /**
   * The blocks around the root file, outermost first: `['http', 'server']` for a fragment that is meant to be included
   * in a server. Empty for a whole configuration.
   */
  readonly context: readonly string[];
}
