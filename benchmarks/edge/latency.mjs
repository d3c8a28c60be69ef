/**
 * Counts of latencies in buckets a hundredth apart, from 1 microsecond to 100 seconds; cheap to add to, bounded in
 * size.
 */
export class LatencyTable {
  #counts = new Uint32Array(1852);
  #total = 0;

  clear() {
    this.#counts.fill(0);
    this.#total = 0;
  }

  add(ms) {
    const bucket = ms <= 0.001 ? 0 : Math.round(Math.log(ms * 1000) * 100);
    this.#counts[bucket > 1851 ? 1851 : bucket]++;
    this.#total++;
  }

  /** In milliseconds. */
  quantile(share) {
    let left = Math.max(1, Math.ceil(this.#total * share));
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.exp(bucket / 100) / 1000;
    }
    return Number.NaN;
  }
}
