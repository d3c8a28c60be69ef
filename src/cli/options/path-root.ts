import { InvalidArgumentError } from 'commander';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';

/** Reads one `--root /etc/nginx=./checkout`, after the others. */
export function pathRoot(text: string, others: readonly PathRoot[] = []): readonly PathRoot[] {
  const [, from = '', to = ''] = /^(\/[^=]*)=(.+)$/.exec(text) ?? [];
  if (from === '' || to === '') throw new InvalidArgumentError('Write two directories, such as /etc/nginx=./checkout.');
  const bare = (directory: string) => directory.replace(/\/+$/, '') || '.';
  return [...others, { from: bare(from), to: bare(to) }];
}
