/** Lines of nginx's error log, as far as they mean something to whoever supervises it. */

export interface ErrorLine {
  readonly level: 'info' | 'warn' | 'error';
  /** Process that wrote it. */
  readonly pid: number;
  /** nginx's number of the connection; null where it concerns none. */
  readonly connection: string | null;
  /** Without the query of a request: tokens stand there. */
  readonly text: string;
  /** What follows from it. */
  readonly meaning: ErrorMeaning | null;
}

export type ErrorMeaning =
  /** Nothing came from the server for proxy_read_timeout, or nothing went to the client for send_timeout. */
  | { readonly kind: 'server-silent' | 'client-slow' }
  | { readonly kind: 'server-unreachable'; readonly server: string; readonly detail: string }
  | { readonly kind: 'worker-exited'; readonly worker: number; readonly how: string };

const levels: Readonly<Record<string, ErrorLine['level']>> = {
  debug: 'info',
  info: 'info',
  notice: 'info',
  warn: 'warn',
};

/** null for a line of another form, such as the rest of one that had a line break in it. */
export function readErrorLine(line: string): ErrorLine | null {
  const match = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] (\d+)#\d+: (?:\*(\d+) )?(.*)$/.exec(line);
  if (match === null) return null;
  const [, level, pid, connection, text] = match;
  return {
    level: levels[level!] ?? 'error',
    pid: Number(pid),
    connection: connection ?? null,
    text: withoutQueries(text!),
    meaning: meaningOf(text!),
  };
}

function meaningOf(text: string): ErrorMeaning | null {
  if (/^upstream timed out .* while proxying upgraded connection/.test(text)) return { kind: 'server-silent' };
  if (/^client timed out .* while proxying upgraded connection/.test(text)) return { kind: 'client-slow' };
  const exit = /^worker process (\d+) exited (?:on (signal \d+)|with (code \d+))/.exec(text);
  if (exit !== null)
    return exit[3] === 'code 0'
      ? null
      : { kind: 'worker-exited', worker: Number(exit[1]), how: exit[2] ?? `exit ${exit[3]}` };
  const unreachable =
    /^(connect\(\) .*failed \([^)]*\)|upstream timed out \([^)]*\)|no live upstreams) while connecting to upstream.*upstream: "([^"]*)"/.exec(
      text,
    );
  if (unreachable === null) return null;
  return { kind: 'server-unreachable', detail: unreachable[1]!, server: serverIn(unreachable[2]!) };
}

/** `http://10.0.0.1:9000/chat?token=1` and `http://unix:/run/app.sock:/chat`. */
function serverIn(url: string): string {
  return /^\w+:\/\/unix:([^:]+)/.exec(url)?.[1]?.replace(/^/, 'unix:') ?? /^\w+:\/\/[^/?]+/.exec(url)?.[0] ?? url;
}

function withoutQueries(text: string): string {
  return text.replace(/\?[^\s"]*/g, '?…');
}
