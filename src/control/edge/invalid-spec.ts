import type { Diagnostic } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';

/** The spec has errors. `diagnostics` holds all that was found; the message is that of the first error. */
export class InvalidSpecError extends HoldlineError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const help = errors[0]?.help;
    super('spec-invalid', `${errors[0]?.message ?? 'the spec has errors'}${more}`, help === undefined ? {} : { help });
    this.name = 'InvalidSpecError';
    this.diagnostics = diagnostics;
  }
}
