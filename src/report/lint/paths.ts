/** Relative to the working directory when the file is below it, as checkouts are; otherwise as it is. */
export function relativePath(file: string, directory: string): string {
  if (file === '-') return 'stdin';
  const inside = directory.endsWith('/') ? directory : `${directory}/`;
  return file.startsWith(inside) ? file.slice(inside.length) : file.replace(/^(?:\.\/)+/, '');
}
