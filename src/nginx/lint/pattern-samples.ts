/** Texts that a regular expression is meant for: its letters as they stand, one for each of its alternatives. */

/** More alternatives than that say nothing new. */
const samplesMax = 16;
const patternMax = 500;

/** Empty when the pattern has something (a look around, a back reference) of which no text can be made. */
export function samplesOf(pattern: string): readonly string[] {
  if (pattern.length > patternMax || /\(\?(?:[=!]|<[=!])|\\[1-9]/.test(pattern)) return [];
  const reading: Reading = { pattern, at: 0 };
  const samples = alternatives(reading, 0);
  return reading.at < pattern.length ? [] : samples;
}

interface Reading {
  readonly pattern: string;
  at: number;
}

/** A pattern of brackets only would use up the stack. */
const depthMax = 20;

function alternatives(reading: Reading, depth: number): string[] {
  const all: string[] = [];
  for (;;) {
    all.push(...sequence(reading, depth));
    if (reading.pattern[reading.at] !== '|') break;
    reading.at++;
  }
  return [...new Set(all)].slice(0, samplesMax);
}

function sequence(reading: Reading, depth: number): string[] {
  let texts = [''];
  while (reading.at < reading.pattern.length) {
    const letter = reading.pattern[reading.at]!;
    if (letter === '|' || letter === ')') break;
    const pieces = atom(reading, depth);
    const quantifier = /^(?:[*+?]|\{\d*,?\d*\})\??/.exec(reading.pattern.slice(reading.at))?.[0] ?? '';
    reading.at += quantifier.length;
    // What may be left out is left out, so that the shortest text shows; an unquantified dot is meant as a dot.
    const optional = quantifier.startsWith('?') || /^\{0?,/.test(quantifier);
    const wide = quantifier !== '' && letter === '.';
    // Letters that follow at once are meant as the start of a name.
    const label = /[a-z0-9]/i.test(reading.pattern[reading.at] ?? '') ? 'a.' : 'a';
    const options = optional ? [''] : wide ? [label] : pieces;
    texts = texts.flatMap((text) => options.map((piece) => text + piece)).slice(0, samplesMax);
  }
  return texts;
}

function atom(reading: Reading, depth: number): string[] {
  const { pattern } = reading;
  const letter = pattern[reading.at++]!;
  if (letter === '^' || letter === '$') return [''];
  if (letter === '\\') {
    const escaped = pattern[reading.at++] ?? '';
    return [Object.hasOwn(classes, escaped) ? classes[escaped]! : escaped];
  }
  if (letter === '[') return [ofClass(reading)];
  if (letter !== '(') return [letter];
  reading.at += /^\?(?:[a-z]*:|P?<\w+>|'\w+'|[a-z]+(?=\)))/.exec(pattern.slice(reading.at))?.[0].length ?? 0;
  const inner = depth < depthMax ? alternatives(reading, depth + 1) : [''];
  if (pattern[reading.at] === ')') reading.at++;
  return inner;
}

const classes: Readonly<Record<string, string>> = {
  d: '1',
  w: 'a',
  s: ' ',
  S: 'a',
  D: 'a',
  b: '',
  A: '',
  z: '',
  Z: '',
};

/** A letter of a class: the first usual one that is in it. */
function ofClass(reading: Reading): string {
  const start = reading.at - 1;
  const end = /^\[\^?\]?(?:\\.|[^\]])*\]/.exec(reading.pattern.slice(start))?.[0].length ?? 1;
  reading.at = start + end;
  const inside = reading.pattern.slice(start + 1, reading.at - 1);
  if (inside.startsWith('^') || /[a-z]-[a-z]|\\w/i.test(inside)) return 'a';
  if (/\d-\d|\\d/.test(inside)) return '1';
  return inside.replace(/^\\/, '')[0] ?? '';
}
