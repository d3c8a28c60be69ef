/** Values of options, as commander wants them read: a value, or an InvalidArgumentError that says what is wrong. */
import { InvalidArgumentError } from 'commander';
import type { Parsed } from '../../base/units.ts';

/** Reads with a parser that answers with a value or a problem. */
export function checked<Value>(parse: (text: string) => Parsed<Value>): (text: string) => Value {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new InvalidArgumentError(parsed.problem);
    return parsed.value;
  };
}

/** `5000`, `5_000`, `5,000`, `0.5`. */
export function number(text: string): number {
  const value = Number(text.replaceAll(/[_,]/g, ''));
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number`);
  return value;
}
