import path from 'node:path';

/** Relative to the working directory when the file is below it, as checkouts are; otherwise as it is. */
export function relativePath(file: string): string {
  if (file === '-') return 'stdin';
  const relative = path.relative(process.cwd(), path.resolve(file));
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}
