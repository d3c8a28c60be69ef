/** Redoes the sum that a figure shows, so that no sum in a plan can be decoration. */
import type { Figure } from '../../../src/plan/nginx/figure.ts';

type Functions = Record<string, (...values: number[]) => number>;

const functions: Functions = {
  'round up': Math.ceil,
  'round down': Math.floor,
  'larger of': Math.max,
  'smaller of': Math.min,
  'next power of two': (value) => 2 ** Math.ceil(Math.log2(Math.max(1, value!))),
};

/** null: a choice, there is nothing to redo. */
export function redo(figure: Figure): { formula: number; shown: number } | null {
  const [formula, shown] = figure.arithmetic.split(' = ');
  if (shown === undefined) return null;
  return { formula: evaluate(formula!), shown: evaluate(shown.replace(/ s$/, '')) * scale(figure) };
}

/** Durations are summed in seconds. */
export function scale(figure: Figure): number {
  return figure.unit === 'milliseconds' ? 1000 : 1;
}

/** Recursive descent over `+ - × ÷ ( )`, numbers with thousands separators and the functions above. */
export function evaluate(text: string): number {
  const tokens = [
    ...text.matchAll(
      /\d+(?:,\d{3})*(?:\.\d+)?|[-+×÷()]|, |(?:round up|round down|larger of|smaller of|next power of two)/g,
    ),
  ].map((match) => match[0]);
  if (tokens.join('').replaceAll(/\s/g, '') !== text.replaceAll(/\s/g, '')) throw new Error(`cannot read "${text}"`);
  let at = 0;
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const product = (): number => {
    let value = atom();
    while (tokens[at] === '×' || tokens[at] === '÷') value = tokens[at++] === '×' ? value * atom() : value / atom();
    return value;
  };
  const atom = (): number => {
    const token = tokens[at++]!;
    if (token === '-') return -atom();
    if (token === '(') {
      const value = sum();
      at++;
      return value;
    }
    const call = functions[token];
    if (call === undefined) return Number(token.replaceAll(',', ''));
    at++;
    const values = [sum()];
    while (tokens[at] === ', ') {
      at++;
      values.push(sum());
    }
    at++;
    return call(...values);
  };
  return sum();
}
