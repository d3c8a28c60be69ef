import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { nginxCodes } from '../../base/catalogue/nginx.ts';
import type { Diagnostic, Fix, Related, Severity, Where } from '../../base/diagnostic.ts';

export type NginxCode = keyof typeof nginxCodes;

export interface SyntaxFinding {
  /** Where it differs from the catalogue's. */
  readonly severity?: Severity;
  readonly message: string;
  readonly where?: Where;
  readonly why?: string;
  readonly help?: string;
  readonly fix?: Fix;
  readonly related?: readonly Related[];
}

/** Collects findings up to a bound, so that a file of nothing but faults stays cheap. */
export interface Report {
  readonly diagnostics: readonly Diagnostic<NginxCode>[];
  /** True when nothing more is kept, so that callers can spare themselves the work. */
  readonly full: () => boolean;
  readonly add: (code: NginxCode, finding: SyntaxFinding) => void;
}

export function createReport(diagnosticsMax: number): Report {
  const diagnostics: Diagnostic<NginxCode>[] = [];
  return {
    diagnostics,
    full: () => diagnostics.length > diagnosticsMax,
    add(code, finding) {
      if (diagnostics.length > diagnosticsMax) return;
      if (diagnostics.length < diagnosticsMax) {
        const entry = catalogue[code];
        diagnostics.push({ code, severity: entry.severity, help: entry.remedy, ...finding });
      } else {
        const { severity, remedy } = catalogue['nginx-limit-reached'];
        const message = `more than ${diagnosticsMax} findings; the rest is left out`;
        diagnostics.push({ code: 'nginx-limit-reached', severity, help: remedy, message });
      }
    },
  };
}
