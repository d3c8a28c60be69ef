import type { Code } from '../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { finding, formatPath, type Locate, type SpecPath } from './finding.ts';

/**
 * What the schema knows and the edge does not do yet. It is refused, never ignored. Deleting a row switches the
 * setting on. In `at`, `*` stands for every name of a block and `[]` for every entry of a list.
 */
interface Unavailable {
  readonly at: readonly string[];
  readonly asked: (value: unknown) => boolean;
  readonly what: string;
  readonly instead: string;
}

const unavailable: readonly Unavailable[] = [
  {
    at: ['engine'],
    asked: (value) => value === 'nginx',
    what: 'engine: nginx',
    instead: 'leave engine out: the built-in edge then carries the connections, and can stand behind your nginx',
  },
];

export function findUnavailable(written: unknown, locate: Locate): Diagnostic<Code>[] {
  return unavailable.flatMap((row) =>
    placesAt(written, row.at)
      .filter(({ value }) => row.asked(value))
      .map(({ path }) =>
        finding('spec-not-available-yet', `${place(path)}${row.what} is not available yet`, {
          where: locate(path, 'value'),
          help: row.instead,
        }),
      ),
  );
}

/** `what` names the setting itself, so only what is around it has to be said. */
function place(path: SpecPath): string {
  return path.length < 2 ? '' : `${formatPath(path.slice(0, -1))}: `;
}

interface Place {
  readonly path: SpecPath;
  readonly value: unknown;
}

function placesAt(written: unknown, at: readonly string[]): Place[] {
  let places: Place[] = [{ path: [], value: written }];
  for (const segment of at) {
    places = places.flatMap(({ path, value }) => {
      if (segment === '[]')
        return Array.isArray(value)
          ? value.map((entry, i) => ({ path: [...path, i], value: entry }))
          : [{ path, value }];
      const block = asBlock(value);
      const names = segment === '*' ? Object.keys(block) : Object.hasOwn(block, segment) ? [segment] : [];
      return names.map((name) => ({ path: [...path, name], value: block[name] }));
    });
  }
  return places;
}

function asBlock(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
