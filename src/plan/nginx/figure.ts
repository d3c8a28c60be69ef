/** A planned number that can be argued about: what it is, why, and the sum that a reader can redo. */

export type Unit = 'count' | 'bytes' | 'milliseconds' | 'microseconds' | 'per second' | 'cores' | 'share';

export interface Figure {
  /** nginx's directive where there is one, otherwise plain words. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly because: string;
  /**
   * The formula with the numbers put in, `2 × 4,096 + 9,970 = 18,162`, or a phrase without "=" for a number that is a
   * choice. Durations are summed in seconds. A test redoes every sum.
   */
  readonly arithmetic: string;
}

export interface Change {
  /** What moves it: a file on the host, the hardware, the workload, or the plan's own choice. */
  readonly kind: 'setting' | 'hardware' | 'topology' | 'workload';
  readonly what: string;
  readonly because: string;
}

/** A number inside arithmetic: grouped by thousands, at most `digits` decimals. */
export function num(value: number, digits = 0): string {
  // Not Intl: the search for the largest number of connections formats tens of thousands of numbers.
  const [whole, rest = ''] = value.toFixed(digits).split('.');
  const fraction = rest.replace(/0+$/, '');
  const grouped = whole!.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === '' ? grouped : `${grouped}.${fraction}`;
}

/** A figure that is the result of a sum; `formula` is the left side. */
export function sum(facts: Omit<Figure, 'arithmetic'> & { readonly formula: string }): Figure {
  const { formula, ...figure } = facts;
  return { ...figure, arithmetic: `${formula} = ${result(figure.value, figure.unit)}` };
}

/** A figure that is a choice: the reason carries it. */
export function choice(facts: Omit<Figure, 'arithmetic'>, arithmetic = 'a choice, see the reason'): Figure {
  return { ...facts, arithmetic };
}

export function roundUpTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}

export function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, value)));
}

function result(value: number, unit: Unit): string {
  if (unit === 'milliseconds') return `${num(value / 1000, 3)} s`;
  return num(value, fractional.has(unit) ? 3 : 0);
}

const fractional: ReadonlySet<Unit> = new Set(['cores', 'share', 'per second', 'microseconds']);
