import type { Parsed } from '../../base/units.ts';
import { socketPathBytesMax } from '../../base/unix-socket.ts';

/**
 * Reads `unix:/run/app.sock`, and `http://unix:/run/app.sock:` as nginx has it; the path is absolute, so that it means
 * the same whoever reads it and wherever. null for what is not meant as a socket at all.
 */
export function parseSocketUrl(text: string): Parsed<string> | null {
  const path = /^(?:http:\/\/)?unix:(?:\/\/(?=\/))?(.*?):?$/is.exec(text.trim())?.[1];
  if (path === undefined) return null;
  const problem = (what: string): Parsed<string> => ({ ok: false, problem: `"${text}" ${what}` });
  if (path.startsWith('@') || path.startsWith('\0'))
    return problem('is an abstract socket, which anybody may open or take; write a path, as in unix:/run/app.sock');
  if (!path.startsWith('/'))
    return problem(
      `is not the whole path of a socket; write it from the root on, as in unix:/run/${path || 'app.sock'}`,
    );
  if (path.startsWith('//') || path.endsWith('/'))
    return problem('is not the path of a socket; write it as unix:/run/app.sock');
  if (!/^[\x21-\x7e]+$/.test(path) || /[?#"'`\\;{}<>$*]/.test(path))
    return problem('has a blank or a sign in its path that shells and nginx read otherwise');
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    return problem('has a segment . or ..; write where the socket really is');
  return path.length > socketPathBytesMax
    ? problem(`is longer than the ${socketPathBytesMax} characters that a system takes for the path of a socket`)
    : { ok: true, value: `unix:${path}` };
}
