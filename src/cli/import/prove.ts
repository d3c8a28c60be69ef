/** `holdline import --prove`: runs the proof with what this machine has, and tells the outcome. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { HoldlineError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import { findNginx } from '../../host/nginx-binary.ts';
import { makeTrialDirectory } from '../../nginx/run/start.ts';
import type { ImportedModel } from '../../nginx/toolkit/import.ts';
import { type ProvedCase, startProver } from './proof.ts';

/**
 * Throws verify-nginx-missing without an nginx, verify-nginx-refused with its words when it does not take the
 * configuration.
 */
export async function proveImport(
  { imported, configuration }: ImportedModel,
  searchPath: string,
): Promise<readonly ProvedCase[]> {
  const binary = findNginx(searchPath);
  if (binary === null) throw new HoldlineError('verify-nginx-missing', 'there is no nginx to hold the spec against');
  const prover = await startProver({ binary, certificate: trialCertificate() });
  try {
    return await prover.prove(imported, configuration);
  } finally {
    await prover.close();
  }
}

/** The configuration's own keys are nobody's to copy. null without an openssl: then TLS cannot be tried. */
function trialCertificate(): { cert: string; key: string } | null {
  const directory = makeTrialDirectory();
  try {
    const made = { cert: directory.file('cert.pem'), key: directory.file('key.pem') };
    const result = spawnSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
        ...['-subj', '/CN=trial.invalid', '-keyout', made.key, '-out', made.cert],
      ],
      { timeout: 20_000 },
    );
    return result.status === 0 ? { cert: readFileSync(made.cert, 'utf8'), key: readFileSync(made.key, 'utf8') } : null;
  } finally {
    directory.remove();
  }
}

/** One line for each request that came out differently, and the counts. */
export function proofText(cases: readonly ProvedCase[]): string {
  const different = cases.filter(({ differences }) => differences.length > 0);
  const lines = different.flatMap(({ request, differences }) => {
    const url = `${request.scheme}://${request.host}${request.path}${request.query === '' ? '' : `?${request.query}`}`;
    const what = request.kind === 'websocket' ? 'a handshake' : 'a request';
    const from = request.origin === null ? '' : ` from ${request.origin}`;
    return [`${what} for ${url}${from} comes out differently:`, ...differences.map((each) => `  ${each}`)];
  });
  const counts =
    different.length === 0
      ? `proved: ${cases.length} requests get the same server, path and headers from nginx and from the edge`
      : `not proved: ${different.length} of ${cases.length} requests come out differently`;
  return [...lines, counts].map((line) => `${printable(line)}\n`).join('');
}
