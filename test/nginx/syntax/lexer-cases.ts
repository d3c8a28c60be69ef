/** What nginx 1.22.1 was seen to do with small texts, from lexer-cases.json. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface LexerCase {
  readonly name: string;
  /** Stands on line 2 and following, inside a server block. */
  readonly server: string;
  readonly accepted: boolean;
  /** nginx's message, with the line. */
  readonly nginx: string | null;
}

interface Cases {
  readonly cases: readonly LexerCase[];
  readonly values: readonly { readonly token: string; readonly value: string }[];
}

export const lexerCases: Cases = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, './lexer-cases.json'), 'utf8'),
);

/** The configuration around a case: the case begins on line 2. */
export function configurationOf({ server }: LexerCase): string {
  const body = server.replace(/\{\{a\*(\d+)\}\}/g, (_whole, count: string) => 'a'.repeat(Number(count)));
  return `error_log stderr; pid nginx.pid; events {} http { access_log off; server { listen 127.0.0.1:1;\n${body}}}\n`;
}
