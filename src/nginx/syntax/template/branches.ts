/**
 * The branches of a template. Conditions are not known, so a template is read once along the first branch of every
 * condition, once along the second, and so on: `{% if tls %} server { … {% else %} server { … {% endif %}` is two
 * readings.
 */

import type { Span, TemplateMark } from '../tree.ts';

/** A condition with the text of each of its branches; one without an else has an empty branch at its end. */
export interface Choice {
  readonly branches: readonly (Span | null)[];
}

/** Readings beyond that tell nothing new: each costs as much as the file. */
export const readingsMax = 6;

/** All conditions of a text, those within others included. One that does not end is none. */
export function choicesOf(text: string, marks: readonly TemplateMark[]): readonly Choice[] {
  const open: { readonly isCondition: boolean; readonly branches: Span[]; from: number; hasElse: boolean }[] = [];
  const choices: Choice[] = [];
  for (const mark of marks) {
    if (mark.role !== 'control') continue;
    const found = text.slice(mark.start, mark.end);
    const step = stepOf(found);
    const innermost = open.at(-1);
    if (step === 'if' || step === 'loop')
      open.push({ isCondition: step === 'if', branches: [], from: mark.end, hasElse: false });
    else if (innermost !== undefined && (step === 'else' || step === 'elif')) {
      innermost.branches.push({ start: innermost.from, end: mark.start });
      innermost.from = mark.end;
      if (step === 'else') innermost.hasElse = true;
    } else if (innermost !== undefined && step === 'end') {
      open.pop();
      const all = [...innermost.branches, { start: innermost.from, end: mark.start }];
      if (innermost.isCondition) choices.push({ branches: innermost.hasElse ? all : [...all, null] });
    }
  }
  return choices;
}

/** How many readings show every branch. */
export function readingsOf(choices: readonly Choice[]): number {
  return Math.min(readingsMax, Math.max(1, ...choices.map(({ branches }) => branches.length)));
}

/** What is not there in one reading. */
export function leftOut(choices: readonly Choice[], reading: number): readonly Span[] {
  return choices.flatMap(({ branches }) => {
    const taken = branches[Math.min(reading, branches.length - 1)];
    return branches.filter((branch): branch is Span => branch !== null && branch !== taken);
  });
}

type Step = 'if' | 'loop' | 'elif' | 'else' | 'end' | null;

/** In order: the first that fits counts. */
const steps: readonly (readonly [pattern: RegExp, step: Step])[] = [
  // Jinja, Twig, Liquid
  [/^\{%[-+]?\s*(?:elif|elsif|elseif)\b/, 'elif'],
  [/^\{%[-+]?\s*else\b/, 'else'],
  [/^\{%[-+]?\s*end\w*/, 'end'],
  [/^\{%[-+]?\s*(?:if|unless|ifchanged)\b/, 'if'],
  [/^\{%[-+]?\s*(?:for|macro|block|call|filter|with|raw|autoescape|embed)\b/, 'loop'],
  // FreeMarker
  [/^<#elseif\b/, 'elif'],
  [/^<#else\b/, 'else'],
  [/^<\/#/, 'end'],
  [/^<#if\b/, 'if'],
  [/^<#(?:list|macro|switch|function|items|compress)\b/, 'loop'],
  // ERB and EJS
  [/^<%[-_]?\s*(?:elsif\b|\}\s*else\s+if\b)/, 'elif'],
  [/^<%[-_]?\s*(?:else\b|\}\s*else\s*\{)/, 'else'],
  [/^<%[-_]?\s*(?:end\b|\}\s*\)?;?\s*[-_]?%>)/, 'end'],
  [/^<%[-_]?\s*(?:if|unless)\b/, 'if'],
  [/^<%[-_]?\s*(?:.*\bdo\b(?:\s*\|[^|]*\|)?|(?:for|while|case|begin)\b.*|.*\{)\s*[-_]?%>$/s, 'loop'],
  // Handlebars and Go
  [/^\{\{[-~]?\s*(?:else\s+if\b|else\s+with\b)/, 'elif'],
  [/^\{\{[-~]?\s*(?:else\b|\^\s*[-~]?\}\})/, 'else'],
  [/^\{\{[-~]?\s*(?:end\b|\/(?!\*))/, 'end'],
  [/^\{\{[-~]?\s*(?:#(?:if|unless|with)\b|if\b|with\b|\^)/, 'if'],
  [/^\{\{[-~]?\s*(?:#|range\b|define\b|block\b)/, 'loop'],
];

function stepOf(found: string): Step {
  return steps.find(([pattern]) => pattern.test(found))?.[1] ?? null;
}
