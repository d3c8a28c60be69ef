/** What `nginx -T` prints: every file that a running nginx would read, each behind a line with its path. */

const heading = /^# configuration file (\/[^\n]*):$/gm;

export interface ConfigurationDump {
  /** The file that nginx begins with. */
  readonly root: string;
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** null when the text is no such print. */
export function readDump(text: string): ConfigurationDump | null {
  const found = [...text.matchAll(heading)];
  const [first] = found;
  if (first === undefined) return null;
  const files: [string, string][] = found.map((match, index) => {
    const start = match.index + match[0].length + 1;
    return [match[1]!, text.slice(start, found[index + 1]?.index ?? text.length)];
  });
  return { root: first[1]!, files: Object.fromEntries(files) };
}
