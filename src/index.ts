/**
 * What all of Holdline has in common: the spec, and how findings and failures look. The parts have entries of their
 * own: `holdline/nginx`, `holdline/plan`, `holdline/edge`, `holdline/probe`, `holdline/bench`, `holdline/hooks`.
 */
export type { Code } from './base/catalogue/catalogue.ts';
export type { Diagnostic, Edit, Findings, Fix, Position, Range, Related, Severity, Where } from './base/diagnostic.ts';
export { hasErrors } from './base/diagnostic.ts';
export { HoldlineError } from './base/error.ts';
export type { SpecFile } from './control/edge/spec-file.ts';
export { readSpecFile } from './control/edge/spec-file.ts';
export type { RenderOptions } from './report/diagnostics.ts';
export { renderText as renderDiagnostics } from './report/diagnostics.ts';
export type * from './spec/model.ts';
export type { SpecInput } from './spec/read.ts';
export { defineConfig, readSpec, specFromObject } from './spec/read.ts';
