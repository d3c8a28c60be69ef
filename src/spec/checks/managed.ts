import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { finding, type Locate } from '../finding.ts';
import type { InstancesSpec, UpstreamSpec } from '../model/upstream.ts';
import { quotedText } from '../value/safe-text.ts';

/** One thing that two settings of `instances` can have against each other. */
interface Contradiction {
  readonly at: string;
  readonly holds: (instances: InstancesSpec) => boolean;
  readonly what: (instances: InstancesSpec) => string;
}

const follows = ({ connectionsEach, cpu, delayMs }: InstancesSpec) =>
  connectionsEach !== null || cpu !== null || delayMs !== null;

const contradictions: readonly Contradiction[] = [
  { at: 'max', holds: ({ min, max }) => max < min, what: ({ min, max }) => `max ${max} is below min ${min}` },
  {
    at: 'max',
    holds: (instances) => instances.max > instances.min && !follows(instances),
    what: () => 'max is above min, and nothing says what the number follows: connectionsEach, cpu or delay',
  },
  ...(['connectionsEach', 'cpu', 'delay', 'load'] as const).map((at) => ({
    at,
    holds: (instances: InstancesSpec) =>
      instances.max === instances.min && instances[at === 'delay' ? 'delayMs' : at] !== null,
    what: () => `${at} has no effect while max is not above min`,
  })),
  {
    at: 'delay',
    holds: ({ max, min, delayMs, load }) => max > min && delayMs !== null && load === null,
    what: () => 'delay needs load, the path where an instance tells how far its event loop is behind',
  },
  {
    at: 'load',
    holds: ({ max, min, delayMs, cpu, load }) => max > min && load !== null && delayMs === null && cpu === null,
    what: () => 'load is asked for cpu and delay, and neither is set',
  },
];

export function checkInstances({ name, managed }: UpstreamSpec, locate: Locate): Diagnostic<Code>[] {
  if (managed === null) return [];
  const { instances } = managed;
  return contradictions
    .filter(({ holds }) => holds(instances))
    .map(({ at, what }) =>
      finding('spec-instances', `upstream ${quotedText(name)}: ${what(instances)}`, {
        where: locate(['upstreams', name, 'instances', at], 'value'),
      }),
    );
}

/** Settings that are about a command, where there is none: the filled-in spec has forgotten them. */
export function checkWithoutCommand(written: unknown, locate: Locate): Diagnostic<Code>[] {
  return Object.entries(block(block(written).upstreams)).flatMap(([name, upstream]) => {
    const has = block(upstream);
    if (Object.hasOwn(has, 'command')) return [];
    return ['directory', 'instances', 'restartOn']
      .filter((setting) => Object.hasOwn(has, setting))
      .map((setting) =>
        finding('spec-instances', `upstream ${quotedText(name)}: ${setting} is about a command, and there is none`, {
          where: locate(['upstreams', name, setting], 'key'),
        }),
      );
  });
}

function block(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
