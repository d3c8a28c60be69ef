import type { Severity } from '../diagnostic.ts';

export interface CatalogueEntry {
  readonly severity: Severity;
  /** What it means, one sentence. */
  readonly means: string;
  /** What the reader should do, one sentence. */
  readonly remedy: string;
}
