import type { NginxBinary } from '../../../host/nginx-binary.ts';
import { startNginx, testConfiguration } from '../start.ts';
import { result, type VerifyCheck, type VerifyResult } from './check.ts';
import { verifyChecks } from './checks.ts';
import type { Trial } from './trial.ts';

/** The checks in their order; when nginx refuses the configuration there is nothing more to try. */
export async function runVerifyChecks(
  trial: Trial,
  binary: NginxBinary,
  which: readonly VerifyCheck[] = Object.values(verifyChecks),
): Promise<VerifyResult[]> {
  const { text, directory } = trial;
  const verdict = testConfiguration({ binary, text, directory });
  const complaints = verdict.output
    .split('\n')
    .filter((line) => /\[(?:emerg|warn|alert|crit)\]/.test(line))
    .join('; ');
  const results = [
    result(
      'nginx -t accepts the configuration',
      verdict.accepted,
      complaints === '' ? 'without a warning' : complaints,
    ),
  ];
  if (!verdict.accepted) return results;
  const nginx = await startNginx({ binary, text, directory, ports: [...trial.ports] });
  try {
    for (const check of which) results.push(...(await check({ trial, nginx })));
  } finally {
    await nginx.close();
  }
  return results;
}
