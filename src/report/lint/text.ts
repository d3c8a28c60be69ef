/** For people: each finding with its line, then what was looked at and what can be done. */

import { printable } from '../../base/printable.ts';
import { renderText, summary } from '../diagnostics.ts';
import type { LintedRoot, LintOutput } from './output.ts';

export function lintText(output: LintOutput, colour: boolean): string {
  const { diagnostics, sources, suppressed, fixes } = output;
  // What was explained once in this output need not be again.
  const explained = new Set<string>();
  const shown = diagnostics.map((diagnostic) => {
    if (!explained.has(diagnostic.code)) {
      explained.add(diagnostic.code);
      return diagnostic;
    }
    const { why: _, ...rest } = diagnostic;
    return rest;
  });
  const findings = renderText(shown, { colour, sources });
  const counts = summary(diagnostics);
  const lines = [
    ...output.roots.flatMap((root) => [rootLine(root, output), ...root.unjudged.map((line) => `  ${line}`)]),
    ...(suppressed.length === 0 ? [] : [`${number(suppressed.length, 'finding')} kept quiet by comments`]),
    ...(output.knownBefore === 0 ? [] : [`${number(output.knownBefore, 'finding')} known from the baseline`]),
    ...(fixes === null ? [] : fixLines(fixes)),
    counts === '' ? 'Nothing found.' : `${counts}.`,
    ...(fixes === null ? offerLines(diagnostics.flatMap(({ fix }) => (fix === undefined ? [] : [fix.safe]))) : []),
  ];
  return `${findings}${findings === '' ? '' : '\n'}${lines.join('\n')}\n`;
}

/** What --fix and --fix-all would mend: many a fix is shown that --fix leaves alone. `safe`: of each fix there is. */
function offerLines(safe: readonly boolean[]): string[] {
  const few = safe.filter((each) => each).length;
  return [
    ...(few === 0 ? [] : [`--fix can mend ${few} of them, --diff shows how.`]),
    ...(few === safe.length ? [] : [`--fix-all can mend ${safe.length} of them, --diff --fix-all shows how.`]),
  ];
}

function rootLine(
  { file, context, contextFrom, files, webSocketLocations }: LintedRoot,
  { target }: LintOutput,
): string {
  const others = files > 1 ? ` with ${number(files - 1, 'included file')}` : '';
  const inside =
    context.length === 0
      ? ''
      : `, read as a part of ${context.join(' > ')}${contextFrom === 'guess' ? ' (a guess: --context says it)' : ''}`;
  const carries =
    webSocketLocations === 0
      ? 'no location carries WebSockets: none sets Upgrade, and none has such a name'
      : `${number(webSocketLocations, 'WebSocket location')}`;
  const why = { option: '', installed: ' (installed here)', newest: ' (the newest known)' }[target.from];
  return `${printable(file)}${others}${inside}: ${carries}; for nginx ${target.version}${why}`;
}

function fixLines({ applied, takenBack, written, putBack, nginx }: NonNullable<LintOutput['fixes']>): string[] {
  return [
    ...applied.map(
      ({ code, title, file, line }) => `fixed ${printable(`${file}:${line}`)}: ${printable(title)} [${code}]`,
    ),
    ...takenBack.map(
      ({ code, file, line, because }) =>
        `left ${printable(`${file}:${line}`)} as it was, because of the fix of ${code}: ${printable(because)}`,
    ),
    ...written.map((file) => `wrote ${printable(file)}`),
    ...putBack.map((file) => `put ${printable(file)} back as it was`),
    ...(nginx === '' ? [] : [`nginx -t: ${printable(nginx).replaceAll('\\n', '\n')}`]),
  ];
}

function number(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
