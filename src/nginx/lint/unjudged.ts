/**
 * What could not be judged because it stands in text that was not read, each in one line with the way to let it be
 * judged.
 */

import type { Effective } from '../effective/model.ts';
import { readable } from '../syntax/bytes.ts';
import { listed } from './words.ts';

export function unjudged({ configuration }: Effective): readonly string[] {
  const { context, gaps } = configuration;
  const lines: string[] = [];
  if (context.length > 0)
    lines.push(
      'not judged, because it stands in nginx.conf: numbers of workers, connections and descriptors, and what a reload does; lint nginx.conf, which includes this file, for those',
    );
  const files = [...new Set(gaps.filter(({ kind }) => kind === 'include').map(({ what }) => readable(what, 60)))];
  if (files.length > 0)
    lines.push(
      `not read: ${listed(shortened(files))}, so that what is told with "unless" may be set there; --root /etc/nginx=DIR says where such files are here`,
    );
  return lines;
}

const filesMax = 4;

function shortened(files: readonly string[]): readonly string[] {
  return files.length <= filesMax ? files : [...files.slice(0, filesMax - 1), `${files.length - filesMax + 1} more`];
}
