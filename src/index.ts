/** The library's public surface. */
export type { Diagnostic, Edit, Findings, Fix, Position, Range, Related, Severity, Where } from './base/diagnostic.ts';
export { HoldlineError } from './base/error.ts';
export type * from './gateway/hooks-types.ts';
export type * from './spec/model.ts';
export { defineConfig, readSpec, type SpecInput, specFromObject } from './spec/read.ts';
