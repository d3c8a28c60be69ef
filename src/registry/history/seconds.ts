/** What is drawn over time, one number a second each. */
export const secondFields = [
  'connections',
  'upgraded',
  'refused',
  'closed',
  'clientMessages',
  'serverMessages',
  'clientBytes',
  'serverBytes',
  'bufferedBytes',
  'memoryBytes',
  'loopDelayMs',
] as const;

export type SecondField = (typeof secondFields)[number];
export type Second = Readonly<Record<SecondField, number>>;

/** The last hour. */
export const secondsMax = 3600;

/**
 * The counts of the last hour, second by second: 11 numbers of 8 bytes, so 317 kB once and for all. A second in which
 * nobody measured (the machine slept) is not there, so each has its time.
 */
export class Seconds {
  readonly #times = new Float64Array(secondsMax);
  readonly #columns = Object.fromEntries(secondFields.map((field) => [field, new Float64Array(secondsMax)])) as Record<
    SecondField,
    Float64Array
  >;
  #next = 0;

  /** `atMs`: milliseconds since 1970. */
  add(atMs: number, second: Second): void {
    const at = this.#next++ % secondsMax;
    this.#times[at] = atMs;
    for (const field of secondFields) this.#columns[field][at] = second[field];
  }

  /** All of them, oldest first, each as its time and its numbers in the order of the fields. */
  rows(): number[][] {
    const from = Math.max(0, this.#next - secondsMax);
    return Array.from({ length: this.#next - from }, (_, index) => {
      const at = (from + index) % secondsMax;
      return [this.#times[at]!, ...secondFields.map((field) => this.#columns[field][at]!)];
    });
  }

  /** Puts in what `rows` gave; numbers that are missing are 0. */
  put(rows: readonly (readonly number[])[]): void {
    for (const [atMs = 0, ...values] of rows)
      this.add(atMs, Object.fromEntries(secondFields.map((field, index) => [field, values[index] ?? 0])) as Second);
  }

  get latest(): (Second & { readonly atMs: number }) | null {
    return this.#next === 0 ? null : this.#at((this.#next - 1) % secondsMax);
  }

  /**
   * Oldest first, from after `sinceMs`, thinned to at most `points`: gauges by their largest, rates by their mean, so
   * that a peak does not vanish between two points of a chart that is narrower than an hour has seconds.
   */
  since(sinceMs: number, points: number): SecondColumns {
    const from = Math.max(0, this.#next - secondsMax);
    const rows: number[] = [];
    for (let number = from; number < this.#next; number++) {
      if (this.#times[number % secondsMax]! > sinceMs) rows.push(number % secondsMax);
    }
    const step = Math.max(1, Math.ceil(rows.length / points));
    const atMs: number[] = [];
    const columns = Object.fromEntries(secondFields.map((field) => [field, [] as number[]])) as Record<
      SecondField,
      number[]
    >;
    for (let start = 0; start < rows.length; start += step) {
      const group = rows.slice(start, start + step);
      atMs.push(this.#times[group.at(-1)!]!);
      for (const field of secondFields)
        columns[field].push(
          summary(
            field,
            group.map((at) => this.#columns[field][at]!),
          ),
        );
    }
    return { atMs, ...columns };
  }

  #at(index: number) {
    const values = Object.fromEntries(secondFields.map((field) => [field, this.#columns[field][index]!])) as Second;
    return { atMs: this.#times[index]!, ...values };
  }
}

export type SecondColumns = { readonly atMs: readonly number[] } & Readonly<Record<SecondField, readonly number[]>>;

const gauges: ReadonlySet<SecondField> = new Set(['connections', 'bufferedBytes', 'memoryBytes', 'loopDelayMs']);

function summary(field: SecondField, values: readonly number[]): number {
  if (gauges.has(field)) return Math.max(...values);
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 10) / 10;
}
