import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Certificate, KeyPair } from '../../gateway/contract.ts';
import { serverTls } from '../../gateway/listen/tls-options.ts';
import { readHostFacts } from '../../host/edge-facts.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { planEdge } from '../../plan/edge/plan.ts';
import type { CertificateSpec, Spec } from '../../spec/model.ts';
import { type QuickSpecOptions, quickSpec } from '../../spec/quick/quick.ts';
import { readSpecFile } from './spec-file.ts';

/** Where `holdline up` has its plan from: a file, or the options alone. */
export type EdgeSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'options'; readonly options: QuickSpecOptions };

export interface EdgePlanRead {
  /** null when an error was found. */
  readonly plan: EdgePlan | null;
  /** As it was read; null with the plan. */
  readonly spec: Spec | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that they are about, by file. */
  readonly sources: ReadonlyMap<string, string>;
  /** What relative paths in the plan are relative to. */
  readonly directory: string;
  /** What else is read again when it changes: the hooks, and certificates, which are renewed every few weeks. */
  readonly files: readonly string[];
}

/**
 * Reads the spec and plans the edge for this machine; `engine` stands in place of the spec’s own. Throws only when the
 * file cannot be read at all.
 */
export async function readEdgePlan(source: EdgeSource, engine?: Spec['engine']): Promise<EdgePlanRead> {
  const written = await readSpecOf(source);
  const read =
    engine === undefined || written.value === null ? written : { ...written, value: { ...written.value, engine } };
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  let plan: EdgePlan | null = null;
  let files: readonly string[] = [];
  if (read.value !== null) {
    const planned = planEdge(read.value, readHostFacts());
    diagnostics.push(...planned.diagnostics);
    // Workers load the hooks by themselves, and know nothing of where the spec is.
    const hooks = planned.value.hooks === null ? null : path.resolve(read.directory, planned.value.hooks);
    if (!hasErrors(diagnostics))
      plan = { ...planned.value, hooks, upstreams: await withAuthorities(planned.value, read.directory) };
    files = filesOf(read.value, read.directory);
  }
  return {
    plan,
    spec: plan === null ? null : read.value,
    diagnostics,
    sources: read.sources,
    directory: read.directory,
    files,
  };
}

/**
 * The certificates of the plan's listeners, in their order. Throws `certificate-unreadable` and `certificate-unusable`.
 */
export function readCertificates(plan: EdgePlan, directory: string): Promise<(Certificate | null)[]> {
  return Promise.all(
    plan.listen.map(async ({ tls, otherCertificates, clientCertificates }) => {
      if (tls === null) return null;
      const pairs = await Promise.all([tls, ...otherCertificates].map((files) => readKeyPair(files, directory)));
      const clients =
        clientCertificates === null
          ? null
          : { ca: await readAuthorities(clientCertificates.ca, directory), required: clientCertificates.required };
      const certificate = { cert: pairs[0]!.cert, key: pairs[0]!.key, others: pairs.slice(1), clients };
      try {
        serverTls(certificate);
      } catch (error) {
        throw new HoldlineError('certificate-unusable', (error as Error).message, { cause: error });
      }
      return certificate;
    }),
  );
}

async function readKeyPair(files: CertificateSpec, directory: string): Promise<KeyPair> {
  const [cert, key] = await Promise.all([readPem(files.cert, directory), readPem(files.key, directory)]);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const message = `${files.cert} with ${files.key}: ${(error as Error).message}`;
    throw new HoldlineError('certificate-unusable', message, { cause: error });
  }
  return { cert, key };
}

async function readAuthorities(file: string, directory: string): Promise<string> {
  const ca = await readPem(file, directory);
  try {
    // OpenSSL takes a text without any certificate for an empty list, and would then trust nobody.
    new X509Certificate(ca);
  } catch (error) {
    throw new HoldlineError('certificate-unusable', `${file}: ${(error as Error).message}`, { cause: error });
  }
  return ca;
}

async function readPem(file: string, directory: string): Promise<string> {
  try {
    return await readFile(path.resolve(directory, file), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new HoldlineError('certificate-unreadable', `${file} could not be read (${reason})`, { cause: error });
  }
}

/** Workers read no files: whom an upstream trusts travels in the plan, and a renewed file is a change of it. */
function withAuthorities(plan: EdgePlan, directory: string): Promise<EdgePlan['upstreams']> {
  return Promise.all(
    plan.upstreams.map(async (upstream) =>
      upstream.ca === null ? upstream : { ...upstream, ca: await readAuthorities(upstream.ca, directory) },
    ),
  );
}

/** Files that the spec names and that are read again when they change, beside the spec itself. */
function filesOf(spec: Pick<Spec, 'listen' | 'upstreams' | 'hooks'>, directory: string): string[] {
  const certificates = spec.listen.flatMap(({ tls, otherCertificates, clientCertificates }) => [
    ...(tls === null ? [] : [tls, ...otherCertificates]).flatMap(({ cert, key }) => [cert, key]),
    ...(clientCertificates === null ? [] : [clientCertificates.ca]),
  ]);
  const authorities = spec.upstreams.flatMap(({ ca }) => (ca === null ? [] : [ca]));
  const hooks = spec.hooks === null ? [] : [spec.hooks];
  return [...new Set([...certificates, ...authorities, ...hooks])].map((file) => path.resolve(directory, file));
}

async function readSpecOf(source: EdgeSource): Promise<{
  value: Spec | null;
  diagnostics: readonly Diagnostic[];
  sources: ReadonlyMap<string, string>;
  directory: string;
}> {
  if (source.kind === 'options') {
    const { options } = source;
    return { ...quickSpec(options), sources: new Map(), directory: options.directory };
  }
  const { value, diagnostics, text, directory } = await readSpecFile(source.file);
  return { value, diagnostics, directory, sources: new Map(text === null ? [] : [[source.file, text]]) };
}
