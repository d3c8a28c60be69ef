import { readTarget } from '../client/dial/target.ts';

/** A report is shown to others: the user and password stay here. */
export function publicUrl(url: string): string {
  if (!readTarget(url).ok) return url.replace(/\/\/[^/@\s]*@/, '//').slice(0, 500);
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
