import { readText } from '../../../host/proc.ts';

/**
 * As whom the workers of a supervised nginx run: the account that packages make for it, or nobody. null: not root, so
 * whoever starts it.
 */
export function workerUser(): string | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readText('/etc/passwd') ?? '';
  return ['www-data', 'nginx', 'nobody'].find((name) => new RegExp(`^${name}:`, 'm').test(accounts)) ?? null;
}
