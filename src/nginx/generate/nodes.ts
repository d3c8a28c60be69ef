/** What a generated configuration is made of: statements with their reasons, before they are text. */

/** A directive. Each one says why it is there. */
export interface GeneratedLine {
  readonly name: string;
  /** Values; quotes are added where nginx needs them. */
  readonly args: readonly string[];
  readonly because: string;
  readonly block?: readonly Node[];
  /** Write the arguments from this one on in lines of their own: a log format would be hundreds of columns wide. */
  readonly breakAt?: number;
}

/** A row of a map or of split_clients: the directive around it has the reason. */
export interface NodeEntry {
  readonly name: string;
  readonly args: readonly string[];
}

/** A comment that is always written, above a group of lines. */
export interface Heading {
  readonly heading: string;
}

export type Node = GeneratedLine | NodeEntry | Heading;

export function line(name: string, args: readonly (string | number)[], because: string): GeneratedLine {
  return { name, args: args.map(String), because };
}

export function blockNode(
  name: string,
  args: readonly string[],
  because: string,
  inside: readonly Node[],
): GeneratedLine {
  return { name, args, because, block: inside };
}

export function entry(name: string, ...args: readonly string[]): NodeEntry {
  return { name, args };
}

export function isLine(node: Node): node is GeneratedLine {
  return 'because' in node;
}
