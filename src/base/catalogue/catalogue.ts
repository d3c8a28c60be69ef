import { benchCodes } from './bench.ts';
import { controlCodes } from './control.ts';
import { edgePlanCodes } from './edge-plan.ts';
import { engineCodes } from './engine.ts';
import type { CatalogueEntry } from './entry.ts';
import { gatewayCodes } from './gateway.ts';
import { generateCodes } from './generate.ts';
import { importCodes } from './import.ts';
import { lintCodes } from './lint.ts';
import { nginxCodes } from './nginx.ts';
import { planCodes } from './plan.ts';
import { probeCodes } from './probe.ts';
import { runCodes } from './run.ts';
import { serverCodes } from './servers.ts';
import { specCodes } from './spec.ts';

/**
 * The one catalogue of codes. Every error and every diagnostic that Holdline can utter (lint rules apart, which
 * docs/rules.md lists) has its row here, and a test holds the rows against docs/errors.md.
 */

export const catalogue = {
  ...specCodes,
  ...planCodes,
  ...edgePlanCodes,
  ...gatewayCodes,
  ...controlCodes,
  ...serverCodes,
  ...nginxCodes,
  ...lintCodes,
  ...generateCodes,
  ...importCodes,
  ...runCodes,
  ...engineCodes,
  ...probeCodes,
  ...benchCodes,
} as const satisfies Record<string, CatalogueEntry>;

export type Code = keyof typeof catalogue;
