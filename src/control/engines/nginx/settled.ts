/**
 * What a supervised nginx is to run by: the plan of the edge, its configuration, and what differs from one that runs.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { NginxBinary, NginxBuild } from '../../../host/nginx-binary.ts';
import { engineConfiguration } from '../../../nginx/run/engine/configuration.ts';
import type { EnginePrefix } from '../../../nginx/run/engine/prefix.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import type { Spec } from '../../../spec/model.ts';

export interface SettledRequest {
  readonly spec: Spec;
  readonly plan: EdgePlan;
  /** What paths of certificates are relative to. */
  readonly directory: string;
  readonly binary: NginxBinary;
  readonly build: NginxBuild;
  readonly prefix: Pick<EnginePrefix, 'pidFile' | 'connectionsLog' | 'errorLog' | 'temporary'>;
  readonly user: string | null;
}

export interface Settled {
  readonly plan: EdgePlan;
  readonly text: string;
  /** How long workers of an old configuration keep their connections. */
  readonly shutdownMs: number;
  readonly workers: number;
  /** Of that many workers, before anybody is connected. */
  readonly freshBytes: number;
  /** Equal for equal meaning: of the configuration, and of the files that it names. */
  readonly meaning: string;
}

export function settle(request: SettledRequest): {
  readonly value: Settled | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { directory, plan } = request;
  const spec = {
    ...request.spec,
    listen: request.spec.listen.map(({ tls, ...listen }) => ({
      ...listen,
      tls: tls && { cert: path.resolve(directory, tls.cert), key: path.resolve(directory, tls.key) },
    })),
  };
  const { value, diagnostics } = engineConfiguration({ ...request, spec });
  if (value === null) return { value: null, diagnostics };
  const files = spec.listen.flatMap(({ tls }) => (tls === null ? [] : [tls.cert, tls.key]));
  const meaning = createHash('sha256').update(withoutRemarks(value.text));
  for (const file of new Set(files)) meaning.update(readFileSync(file));
  return {
    value: {
      plan: { ...plan, workers: value.plan.workers.workers.value },
      text: value.text,
      shutdownMs: value.plan.timeouts.workerShutdownTimeout.value,
      workers: value.plan.workers.workers.value,
      freshBytes: value.plan.memory.perGeneration.value,
      meaning: meaning.digest('hex'),
    },
    diagnostics,
  };
}

function withoutRemarks(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');
}
