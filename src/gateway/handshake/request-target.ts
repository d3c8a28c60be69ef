import { readRequestTarget, type TargetProblem } from '../../policy/routes/target.ts';
import { headerValues } from '../../ws/head.ts';
import type { RequestHead } from '../../ws/request-head.ts';

/**
 * Checks the target and the host, and writes them back in the one form that everything behind this reads: a path as the
 * target, and the host that counts as the only Host header. Returns what is wrong; null when nothing is.
 */
export function settleTarget(request: RequestHead): TargetProblem | null {
  const { httpVersion, rawHeaders } = request;
  const reading = readRequestTarget({
    target: request.url ?? '',
    httpVersion,
    hosts: headerValues(rawHeaders, 'host'),
  });
  if (!reading.ok) return reading.problem;
  if (reading.target === request.url) return null;
  request.url = reading.target;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'host') rawHeaders.splice(i--, 2);
  }
  rawHeaders.unshift('Host', reading.host!);
  return null;
}
