/**
 * Whole configurations of the kind people run. The comments at the top of each say what is in it:
 *
 *     # right                             nothing at error level
 *     # warnings: ws007 ws037             of a right one: the rules that warn, and no other
 *     # fault: ws003 | the line's text    a planted fault, and the line (or its beginning) that is found
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ExampleFile {
  readonly name: string;
  readonly text: string;
  readonly right: boolean;
  readonly warnings: readonly string[];
  readonly faults: readonly { readonly rule: string; readonly line: number }[];
}

/** Files that the examples include, and that a system has. */
export const systemFiles: Readonly<Record<string, string>> = {
  '/etc/nginx/mime.types': 'types { text/html html; }\n',
  fastcgi_params: 'fastcgi_param QUERY_STRING $query_string;\n',
};

const directory = path.resolve(import.meta.dirname, 'examples');

export const exampleFiles: readonly ExampleFile[] = readdirSync(directory)
  .filter((name) => name.endsWith('.conf'))
  .map((name) => {
    const text = readFileSync(path.join(directory, name), 'utf8');
    const lines = text.split('\n');
    const head = lines.filter((line) => line.startsWith('# '));
    return {
      name,
      text,
      right: head.includes('# right'),
      warnings: head.flatMap((line) => /^# warnings: (.*)/.exec(line)?.[1]?.split(' ') ?? []),
      faults: head.flatMap((line) => {
        const [, rule, wanted] = /^# fault: (ws\d{3}) \| (.*)/.exec(line) ?? [];
        if (rule === undefined || wanted === undefined) return [];
        return [{ rule, line: lines.findIndex((each) => each.trim().startsWith(wanted)) + 1 }];
      }),
    };
  });
