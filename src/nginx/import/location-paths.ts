/** The paths that a location takes, as beginnings by whole segments, which is how routes match. */
import type { Location } from '../effective/model.ts';

export interface LocationPaths {
  /** Empty where the spec cannot say it. */
  readonly paths: readonly string[];
  /** How the route takes more or less than the location; null for nothing worth saying. */
  readonly differs: string | null;
}

export function pathsOf({ modifier, pattern }: Location): LocationPaths {
  const path = pattern.replace(/\/+$/, '') || '/';
  if (modifier === '@') return { paths: [], differs: null };
  if (modifier.startsWith('~')) return pathsOfPattern(pattern, modifier === '~*');
  if (!/^\/[^\s?#]*$/.test(pattern)) return { paths: [], differs: null };
  if (modifier === '=')
    return {
      paths: [path],
      differs: path === '/' ? 'the route takes every path' : `the route takes what is below ${path}, too`,
    };
  if (path === '/') return { paths: ['/'], differs: null };
  return pattern.endsWith('/')
    ? { paths: [path], differs: `the route takes ${path} as well, which nginx answers with a redirect` }
    : {
        paths: [path],
        differs: `nginx compares letter by letter and takes ${path}x as well, the route takes whole segments`,
      };
}

/** Ends of a pattern behind which the path goes on by whole segments, or ends. */
const tails: readonly (readonly [RegExp, string | null])[] = [
  [/(?:\(\?:\/\|\$\)|\(\/\|\$\)|\(\$\|\/\)|\(\?:\$\|\/\))(?:\(\.\*\)\$?)?$/, null],
  [/\(?\/?\(?(?:\?:)?\/?\.\*\)?\)?\??\$?$/, null],
  [/\/\?\$$/, 'what is below the path, too'],
  [/\$$/, 'what is below the path, too'],
  [/\/$/, null],
  [/$/, null],
];

/** More alternatives than that are a table of their own. */
const pathsMax = 16;

function pathsOfPattern(pattern: string, ignoreCase: boolean): LocationPaths {
  if (!pattern.startsWith('^/')) return { paths: [], differs: null };
  for (const [tail, takesMore] of tails) {
    const cut = tail.exec(pattern);
    if (cut === null) continue;
    const paths = literals(pattern.slice(1, cut.index));
    if (paths === null) continue;
    const differs = [
      takesMore === null ? null : `the route takes ${takesMore}`,
      ignoreCase ? 'the route looks at the case of letters' : null,
    ];
    return {
      paths: paths.map((path) => path.replace(/\/+$/, '') || '/'),
      differs: differs.filter((each) => each !== null).join(', ') || null,
    };
  }
  return { paths: [], differs: null };
}

/** The texts of a pattern of plain letters and groups of alternatives; null for anything else. */
function literals(pattern: string): string[] | null {
  let texts = [''];
  for (let at = 0; at < pattern.length; ) {
    const group = /^\((?:\?:)?([\w\-.\\/|]+)\)/.exec(pattern.slice(at));
    const letter = /^(?:\\[./-]|[\w/~%-])/.exec(pattern.slice(at));
    const piece = group?.[0] ?? letter?.[0];
    if (piece === undefined || /^[*+?{]/.test(pattern.slice(at + piece.length))) return null;
    const options = group === null ? [piece] : group[1]!.split('|');
    if (options.some((option) => /(?<!\\)\./.test(option))) return null;
    texts = texts.flatMap((text) => options.map((option) => text + option.replaceAll('\\', '')));
    if (texts.length > pathsMax) return null;
    at += piece.length;
  }
  return texts;
}
