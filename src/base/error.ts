import { type Code, catalogue } from './catalogue/catalogue.ts';
import type { Diagnostic } from './diagnostic.ts';

/** An expected failure: something outside the program is not as it has to be. A bug is never one of these. */
export class HoldlineError extends Error {
  readonly code: Code;
  readonly help: string;

  /**
   * `message` says what happened with the concrete names, and in further lines what a program said; the remedy comes
   * from the catalogue unless `help` is given.
   */
  constructor(code: Code, message: string, options: { help?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'HoldlineError';
    this.code = code;
    this.help = options.help ?? catalogue[code].remedy;
  }

  diagnostic(): Diagnostic<Code> {
    const { code, help } = this;
    const [message = '', ...output] = this.message.split('\n');
    const said = output.length === 0 ? {} : { output };
    return { code, severity: catalogue[code].severity, message, ...said, help };
  }
}
