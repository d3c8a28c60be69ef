import type { Scalar } from 'yaml';
import type { Code } from '../../base/catalogue/catalogue.ts';

export interface ScalarFault {
  readonly code: Code;
  readonly message: string;
}

/**
 * Numbers in a form that YAML 1.1 and 1.2, JSON and people read differently: 010, 0x10, 0o10, 1e3, +5, .5, .inf.
 * A spec that means one thing to its author and another to us is worse than one that is refused.
 */
export function scalarFault(scalar: Scalar): ScalarFault | null {
  const source = scalar.source;
  if (scalar.type !== 'PLAIN' || source === undefined) return null;
  if (typeof scalar.value === 'number' && !/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(source))
    return {
      code: 'spec-yaml-ambiguous',
      message: `${source} is read as ${scalar.value} here and otherwise elsewhere; write the number in plain decimal`,
    };
  if (typeof scalar.value === 'number' && !Number.isSafeInteger(scalar.value) && Number.isInteger(scalar.value))
    return { code: 'spec-yaml-ambiguous', message: `${source} is too large to be exact` };
  // YAML 1.1 counts in sixties: 1:30 is 90 there, and text here.
  if (typeof scalar.value === 'string' && /^\d+(?::[0-5]?\d)+$/.test(source))
    return {
      code: 'spec-yaml-ambiguous',
      message: `${source} is a number to base 60 for YAML 1.1; write a duration as 90s or 1m 30s, and text in quotes`,
    };
  return null;
}
