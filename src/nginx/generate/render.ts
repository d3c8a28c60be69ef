/** From statements with reasons to the text of a file. */
import { quoted } from '../syntax/printer.ts';
import type { Node } from './nodes.ts';

/** `headings` prints the configuration, `reasons` a comment above each directive as well. */
export type Remarks = 'headings' | 'reasons';

/** Wide enough for a sentence beside four levels of blocks, and narrow enough for two files side by side. */
const columns = 110;

export function render(nodes: readonly Node[], remarks: Remarks, level = 0): string {
  const indent = '    '.repeat(level);
  return nodes
    .map((node, index) => {
      const before = nodes[index - 1];
      const isApart = before !== undefined && !('heading' in before) && (opensGroup(node) || endsGroup(before));
      const gap = isApart ? '\n' : '';
      return gap + renderOne(node, remarks, indent, level);
    })
    .join('');
}

/** Comment lines of a text, wrapped, without more than one blank between words. */
export function comment(text: string, indent = ''): string {
  const width = columns - indent.length - 2;
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((each) => `${indent}# ${each}\n`).join('');
}

function renderOne(node: Node, remarks: Remarks, indent: string, level: number): string {
  if ('heading' in node) return comment(node.heading, indent);
  const reason = 'because' in node && remarks === 'reasons' ? comment(node.because, indent) : '';
  const words = [node.name, ...node.args].map(quoted);
  const breakAt = 'breakAt' in node ? node.breakAt : undefined;
  const head =
    breakAt === undefined
      ? words.join(' ')
      : `${words.slice(0, breakAt + 1).join(' ')}\n${words
          .slice(breakAt + 1)
          .map((word) => `${indent}    ${word}`)
          .join('\n')}`;
  const inside = 'block' in node ? node.block : undefined;
  if (inside === undefined) return `${reason}${indent}${head};\n`;
  return `${reason}${indent}${head} {\n${render(inside, remarks, level + 1)}${indent}}\n`;
}

/** Blocks and headings have a line's distance to what is around them. */
function opensGroup(node: Node): boolean {
  return 'heading' in node || ('block' in node && node.block !== undefined);
}

function endsGroup(node: Node): boolean {
  return 'block' in node && node.block !== undefined;
}
