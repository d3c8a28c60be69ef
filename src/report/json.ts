/** A report as JSON: numbers to a thousandth, because nobody's clock is finer and nobody reads 17 digits. */
export function reportJson(report: unknown, indent?: number): string {
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  return JSON.stringify(report, rounded, indent);
}
