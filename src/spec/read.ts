import type { Code } from '../base/catalogue/catalogue.ts';
import { type Diagnostic, type Findings, hasErrors } from '../base/diagnostic.ts';
import { checkSpec } from './checks/checks.ts';
import { checkWithoutCommand } from './checks/managed.ts';
import { checkReferences } from './checks/upstreams.ts';
import { fillSpec } from './fill.ts';
import { finding, type Locate, locateByPath, locateInFile } from './finding.ts';
import { issuesToDiagnostics } from './issues.ts';
import type { Spec } from './model.ts';
import { type SpecInput, specSchema } from './schema/spec.ts';
import { readYaml } from './yaml/source.ts';

export type { SpecInput };

/**
 * Reads a spec file. Never throws: whatever the text is, the answer is a spec or null, and what was found, with line
 * and column. The spec is there exactly when no diagnostic is an error.
 */
export function readSpec(text: string, options: { readonly file: string }): Findings<Spec | null, Code> {
  const source = readYaml(text, options.file);
  if (!source.readable) return { value: null, diagnostics: source.diagnostics };
  const read = specFrom(source.value, locateInFile(options.file, source.rangeOf));
  const diagnostics = tidy([...source.diagnostics, ...read.diagnostics]);
  return { value: hasErrors(diagnostics) ? null : read.value, diagnostics };
}

/** The same for a spec that is an object already; places are paths in it, as `routes[0].upstream`. */
export function specFromObject(written: unknown): Findings<Spec | null, Code> {
  return specFrom(written, locateByPath);
}

/** Gives the object of a TypeScript spec its type, and nothing else: `export default defineConfig({ … })`. */
export function defineConfig(spec: SpecInput): SpecInput {
  return spec;
}

function specFrom(written: unknown, locate: Locate): Findings<Spec | null, Code> {
  if (written === null || written === undefined)
    return { value: null, diagnostics: [finding('spec-empty', 'the spec is empty', { where: locate([], 'value') })] };
  const read = specSchema.safeParse(written);
  const found: Diagnostic<Code>[] = [...checkReferences(written, locate), ...checkWithoutCommand(written, locate)];
  if (!read.success) found.push(...issuesToDiagnostics(read.error.issues, written, locate));
  if (!read.success) return { value: null, diagnostics: found };
  const spec = fillSpec(read.data);
  // While a route leads nowhere, that some upstream is not led to is only the other side of it.
  const astray = found.some(({ code }) => code === 'spec-unknown-upstream');
  found.push(...checkSpec(spec, locate).filter(({ code }) => !astray || code !== 'spec-unused-upstream'));
  found.push(...openOrigins(written, spec, locate), ...loneReplays(written, spec, locate));
  return { value: hasErrors(found) ? null : spec, diagnostics: found };
}

function loneReplays(written: unknown, spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const { routes } = written as { routes?: unknown };
  const blocks = Array.isArray(routes) ? routes : [routes];
  return spec.routes.flatMap((route, index) =>
    route.move === null && (blocks[index] as { replay?: unknown } | undefined)?.replay !== undefined
      ? [
          finding('spec-replay-alone', `the route ${route.name} replays, and does not move its clients`, {
            where: locate(['routes', index, 'replay'], 'key'),
          }),
        ]
      : [],
  );
}

/** Only a route that says nothing of origins is told; who wrote `any` has decided. */
function openOrigins(written: unknown, spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const routes = (written as { routes?: unknown }).routes;
  const blocks = Array.isArray(routes) ? routes : [routes];
  return spec.routes.flatMap((route, index) =>
    (blocks[index] as { origins?: unknown } | undefined)?.origins === undefined
      ? [
          finding('spec-origins-open', `the route ${route.name} lets every web page connect`, {
            where: locate(['routes', index], 'value'),
          }),
        ]
      : [],
  );
}

/**
 * By place in the text, and each thing once: a block that is merged into several routes would be reported for each of
 * them, and a number that YAML is of two minds about would be reported as no duration as well.
 */
function tidy(diagnostics: readonly Diagnostic<Code>[]): Diagnostic<Code>[] {
  const offset = (diagnostic: Diagnostic): number => diagnostic.where?.range?.start.offset ?? -1;
  const ambiguous = new Set(diagnostics.filter((found) => found.code === 'spec-yaml-ambiguous').map(offset));
  const seen = new Set<string>();
  const kept = diagnostics.filter((found) => {
    if (found.code !== 'spec-yaml-ambiguous' && ambiguous.has(offset(found))) return false;
    const key = `${found.code} ${offset(found)} ${found.message.replace(/\[\d+\]/g, '')}`;
    return !seen.has(key) && seen.add(key);
  });
  return kept.sort((a, b) => offset(a) - offset(b));
}
