/**
 * A histogram of bounded size in the manner of HDR: exact below 512, and from there 256 buckets for each doubling, so
 * that what it answers is at most 0.4 % above the truth, whatever came. Values are whole microseconds by custom.
 */

/** Buckets for each doubling: 256 keep the error under half a percent, which is less than two runs differ by. */
const bucketBits = 8;
const bucketsPerDoubling = 2 ** bucketBits;

/** Largest value that has a bucket: in microseconds 71 minutes, longer than any run. Larger ones count as this. */
export const histogramValueMax = 2 ** 32 - 1;

/** 6,400 counters, 51 kB; the number does not depend on how much is recorded. */
const bucketCount = (31 - bucketBits) * bucketsPerDoubling + 2 * bucketsPerDoubling;

/** Points of the curve for each nine: five nines are more than a run of an hour can tell apart. */
const curvePoints = 18;
const curveNines = 5;

/** What was recorded since the last take: index, count, index, count … Small, to be sent between processes. */
export interface HistogramPart {
  readonly buckets: readonly number[];
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export class Histogram {
  readonly #counts = new Float64Array(bucketCount);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact, as are min and mean; 0 when nothing was recorded. */
  get max(): number {
    return this.#max;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Negative values count as 0, fractions are cut off. */
  record(value: number): void {
    const whole = Math.min(histogramValueMax, Math.max(0, Math.floor(value)));
    this.#counts[bucketOf(whole)]! += 1;
    this.#count += 1;
    this.#sum += whole;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** The value that the given share (0 to 1) of all values do not exceed, by nearest rank; null when there are none. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    // The tiny subtraction undoes what 0.99 * 100 is too large by in binary.
    const rank = Math.max(1, Math.ceil(share * this.#count - 1e-9));
    let seen = 0;
    for (let index = 0; index < bucketCount; index++) {
      seen += this.#counts[index]!;
      if (seen >= rank) return Math.max(this.#min, Math.min(this.#max, highestOf(index)));
    }
    return this.#max;
  }

  /** The percentile curve: even steps up to 90 %, then as many again for each further nine, so that the tail shows. */
  curve(): QuantilePoint[] {
    if (this.#count === 0) return [];
    const shares: number[] = [];
    for (let i = 0; i < curvePoints; i++) shares.push((0.9 * i) / curvePoints);
    for (let nine = 1; nine <= curveNines; nine++)
      for (let i = 0; i < curvePoints; i++) shares.push(1 - 10 ** -nine * (1 - (0.9 * i) / curvePoints));
    // Past one in the number of values, every share is the largest value: the curve ends there.
    const known = shares.filter((share) => share <= 1 - 1 / this.#count);
    return [...known, 1].map((share) => ({ share: Number(share.toPrecision(9)), us: this.quantile(share)! }));
  }

  add(part: HistogramPart): void {
    for (let i = 0; i + 1 < part.buckets.length; i += 2) {
      this.#counts[part.buckets[i]!]! += part.buckets[i + 1]!;
      this.#count += part.buckets[i + 1]!;
    }
    this.#sum += part.sum;
    if (part.buckets.length === 0) return;
    this.#min = Math.min(this.#min, part.min);
    this.#max = Math.max(this.#max, part.max);
  }

  /** Hands over what is in it, and empties it. */
  take(): HistogramPart {
    const buckets: number[] = [];
    if (this.#count > 0)
      for (let index = 0; index < bucketCount; index++)
        if (this.#counts[index]! > 0) buckets.push(index, this.#counts[index]!);
    const part = { buckets, sum: this.#sum, min: this.min, max: this.#max };
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
    return part;
  }
}

function bucketOf(value: number): number {
  if (value < 2 * bucketsPerDoubling) return value;
  const shift = 31 - Math.clz32(value) - bucketBits;
  return shift * bucketsPerDoubling + (value >>> shift);
}

/** The largest value that falls into the bucket. */
function highestOf(index: number): number {
  if (index < 2 * bucketsPerDoubling) return index;
  const shift = Math.floor(index / bucketsPerDoubling) - 1;
  return (index - shift * bucketsPerDoubling + 1) * 2 ** shift - 1;
}

/** A point of the percentile curve: this share of the messages (0 to 1) took no longer. */
export interface QuantilePoint {
  readonly share: number;
  readonly us: number;
}
