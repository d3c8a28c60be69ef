import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Certificate } from '../../gateway/surface.ts';
import { readHostFacts } from '../../host/edge-facts.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { planEdge } from '../../plan/edge/plan.ts';
import type { Spec } from '../../spec/model.ts';
import { quickSpec } from '../../spec/quick.ts';
import { readSpecFile } from './spec-file.ts';

/** Where `holdline up` has its plan from: a file, or the options alone. */
export type EdgeSource =
  | { readonly kind: 'file'; readonly file: string }
  | {
      readonly kind: 'options';
      readonly to: readonly string[];
      readonly listen: string | undefined;
      readonly control: string | undefined;
      readonly workers: number | undefined;
      /** Largest message. */
      readonly maxMessage?: string | undefined;
      readonly token: string | undefined;
    };

export interface EdgePlanRead {
  /** null when an error was found. */
  readonly plan: EdgePlan | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that they are about, by file. */
  readonly sources: ReadonlyMap<string, string>;
  /** What relative paths in the plan are relative to. */
  readonly directory: string;
}

/** Reads the spec and plans the edge for this machine. Throws only when the file cannot be read at all. */
export async function readEdgePlan(source: EdgeSource): Promise<EdgePlanRead> {
  const read = await readSpecOf(source);
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  let plan: EdgePlan | null = null;
  if (read.value !== null) {
    const planned = planEdge(read.value, readHostFacts());
    diagnostics.push(...planned.diagnostics);
    // Workers load the hooks by themselves, and know nothing of where the spec is.
    const hooks = planned.value.hooks === null ? null : path.resolve(read.directory, planned.value.hooks);
    plan = hasErrors(diagnostics) ? null : { ...planned.value, hooks };
  }
  return { plan, diagnostics, sources: read.sources, directory: read.directory };
}

/** The certificates of the plan's listeners, in their order. Throws `certificate-unreadable` and `certificate-unusable`. */
export function readCertificates(plan: EdgePlan, directory: string): Promise<(Certificate | null)[]> {
  const pem = async (file: string) => {
    try {
      return await readFile(path.resolve(directory, file), 'utf8');
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new HoldlineError('certificate-unreadable', `${file} could not be read (${reason})`, { cause: error });
    }
  };
  return Promise.all(
    plan.listen.map(async ({ tls }) => {
      if (tls === null) return null;
      const certificate = { cert: await pem(tls.cert), key: await pem(tls.key) };
      try {
        createSecureContext(certificate);
      } catch (error) {
        const message = `${tls.cert} with ${tls.key}: ${(error as Error).message}`;
        throw new HoldlineError('certificate-unusable', message, { cause: error });
      }
      return certificate;
    }),
  );
}

async function readSpecOf(source: EdgeSource): Promise<{
  value: Spec | null;
  diagnostics: readonly Diagnostic[];
  sources: ReadonlyMap<string, string>;
  directory: string;
}> {
  if (source.kind === 'options') return { ...quickSpec(source), sources: new Map(), directory: process.cwd() };
  const { value, diagnostics, text, directory } = await readSpecFile(source.file);
  return { value, diagnostics, directory, sources: new Map(text === null ? [] : [[source.file, text]]) };
}
