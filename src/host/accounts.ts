/** Users and groups by name, as this machine’s files have them. */
import { readFileSync } from 'node:fs';
import { HoldlineError } from '../base/error.ts';

export interface AccountIds {
  /** null leaves it as it is. */
  readonly user: number | null;
  readonly group: number | null;
}

/** Reads `www-data`, `www-data:www-data`, `:www-data`, `33:33`. Throws `owner-unknown`. */
export function accountIds(owner: string): AccountIds {
  const [user = '', group = ''] = owner.split(':');
  return {
    user: user === '' ? null : idOf(user, '/etc/passwd', 'user'),
    group: group === '' ? null : idOf(group, '/etc/group', 'group'),
  };
}

/** Both files have the name first and the number third (passwd(5), group(5)). */
function idOf(name: string, file: string, what: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2]);
  if (line !== undefined && Number.isInteger(id)) return id;
  throw new HoldlineError('owner-unknown', `${file} has no ${what} ${name}`);
}
