/**
 * The last check of a generated file: read as nginx reads it, it holds the statements that were meant, and no others.
 */
import { parse } from '../syntax/parser.ts';
import type { Directive } from '../syntax/tree.ts';
import type { Heading, Node } from './nodes.ts';

/** Throws when it does not: names were checked before, so this would be a fault of ours. */
export function assertReadsBack(text: string, nodes: readonly Node[]): void {
  // nginx reads bytes; what is outside ASCII stands in comments alone.
  const { value, diagnostics } = parse(text);
  if (diagnostics.length > 0 || !isSame(value.directives, nodes))
    throw new Error('the generated configuration does not read back as it was meant');
}

function isSame(directives: readonly Directive[], nodes: readonly Node[]): boolean {
  const meant = nodes.filter((node): node is Exclude<Node, Heading> => !('heading' in node));
  return (
    directives.length === meant.length &&
    meant.every((node, index) => {
      const { name, args, block } = directives[index]!;
      if (name !== node.name || args.length !== node.args.length) return false;
      if (!node.args.every((arg, place) => arg === args[place])) return false;
      const inside = 'block' in node ? node.block : undefined;
      return inside === undefined ? block === null : block !== null && isSame(block.directives, inside);
    })
  );
}
