/**
 * The one catalogue of codes. Every error and every diagnostic that Holdline can utter (lint rules apart, which
 * docs/rules.md lists) has its row here, and a test holds the rows against docs/errors.md.
 */

import { benchCodes } from './catalogue/bench.ts';
import { controlCodes } from './catalogue/control.ts';
import { edgePlanCodes } from './catalogue/edge-plan.ts';
import { gatewayCodes } from './catalogue/gateway.ts';
import { generateCodes } from './catalogue/generate.ts';
import { lintCodes } from './catalogue/lint.ts';
import { nginxCodes } from './catalogue/nginx.ts';
import { planCodes } from './catalogue/plan.ts';
import { probeCodes } from './catalogue/probe.ts';
import { runCodes } from './catalogue/run.ts';
import { specCodes } from './catalogue/spec.ts';
import type { Severity } from './diagnostic.ts';

export interface CatalogueEntry {
  readonly severity: Severity;
  /** What it means, one sentence. */
  readonly means: string;
  /** What the reader should do, one sentence. */
  readonly remedy: string;
}

export const catalogue = {
  ...specCodes,
  ...planCodes,
  ...edgePlanCodes,
  ...gatewayCodes,
  ...controlCodes,
  ...nginxCodes,
  ...lintCodes,
  ...generateCodes,
  ...runCodes,
  ...probeCodes,
  ...benchCodes,
} as const satisfies Record<string, CatalogueEntry>;

export type Code = keyof typeof catalogue;
