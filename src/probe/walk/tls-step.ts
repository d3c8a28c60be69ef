import type { TlsFacts } from '../../client/dial/tls-facts.ts';
import type { ProbeVerdict } from '../report.ts';

/**
 * Renewal is automatic 30 days before the end where it works; half of that is late enough to be a sign that it does
 * not.
 */
export const expiryWarningDays = 14;

const dayMs = 86_400_000;

/** What is to be said of TLS: version, cipher, whose certificate, for how long. */
export function tlsStep(facts: TlsFacts, nowMs: number): { readonly verdict: ProbeVerdict; readonly detail: string } {
  const { version, cipher, alpn, certificate, distrust } = facts;
  const parts = [`${version ?? 'no version'}, ${cipher ?? 'no cipher'}, ${alpn === null ? 'no ALPN' : `ALPN ${alpn}`}`];
  let verdict: ProbeVerdict = version === 'TLSv1' || version === 'TLSv1.1' ? 'warn' : 'pass';
  if (certificate !== null) {
    const { subject, issuer, chainLength, validTo } = certificate;
    const days = Math.floor((Date.parse(validTo) - nowMs) / dayMs);
    if (!(days >= expiryWarningDays)) verdict = 'warn';
    parts.push(`${subject} from ${issuer}`, `${chainLength} in the chain`, daysText(days));
  }
  if (distrust !== null) {
    verdict = 'warn';
    parts.push(`not trusted (${distrust}), and accepted with --insecure`);
  }
  return { verdict, detail: parts.join('; ') };
}

function daysText(days: number): string {
  if (Number.isNaN(days)) return 'its end cannot be read';
  if (days < 0) return `expired ${-days} ${-days === 1 ? 'day' : 'days'} ago`;
  return days === 0 ? 'expires within a day' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`;
}
