import type { Parsed } from '../../base/units.ts';
import { parseSocketUrl } from './socket-path.ts';

/**
 * Reads the address of a server: `http://10.0.0.1:9000`, `unix:/run/app.sock`. Returns scheme, host and port only, as
 * `URL.origin` writes them, or `unix:` and the path.
 */
export function parseServerUrl(text: string): Parsed<string> {
  const socket = parseSocketUrl(text);
  if (socket !== null) return socket;
  const srv = /^srv\+http:\/\/(.*)$/i.exec(text)?.[1];
  if (srv !== undefined) return parseSrvUrl(text, srv.toLowerCase().replace(/\/$/, ''));
  const read = parseHttpUrl(text, 'http://10.0.0.1:9000');
  if (!read.ok) return read;
  const url = read.value;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(text))
    return {
      ok: false,
      problem: `"${text}" has a path; the path of the request is passed on as it is, so write ${url.origin}`,
    };
  return { ok: true, value: url.origin };
}

/** The name of a set of SRV records (RFC 2782), which say the ports themselves. */
function parseSrvUrl(text: string, name: string): Parsed<string> {
  if (/:\d*$/.test(name)) return { ok: false, problem: `"${text}" has a port; SRV records say the ports themselves` };
  return /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+\.?$/.test(name)
    ? { ok: true, value: `srv+http://${name}` }
    : { ok: false, problem: `"${text}" is not the name of SRV records; write it as srv+http://_ws._tcp.example.com` };
}

/** Reads the address of an authorizer, which may have a path and a query. */
export function parseAuthorizeUrl(text: string): Parsed<string> {
  const read = parseHttpUrl(text, 'http://127.0.0.1:9001/authorize');
  return read.ok ? { ok: true, value: read.value.href } : read;
}

function parseHttpUrl(text: string, example: string): Parsed<URL> {
  const problem = (what: string): Parsed<URL> => ({ ok: false, problem: `"${text}" ${what}` });
  const socket = /^(ws|wss):\/\//i.exec(text);
  if (socket !== null) {
    const scheme = socket[1]!.toLowerCase() === 'ws' ? 'http' : 'https';
    return problem(
      `begins as a WebSocket; the upgrade begins as HTTP, so write ${scheme}://${text.slice(socket[0].length)}`,
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const meant = URL.canParse(`http://${text}`) && !hasOddCharacters(text) ? `http://${text}` : example;
    return problem(`does not begin with http:// or https://; write it as ${meant}`);
  }
  if (scheme !== 'http' && scheme !== 'https')
    return problem(`has the scheme ${scheme}; servers are reached over http or https`);
  // The URL parser strips tabs and line ends and turns backslashes round; what was written is then not what is used.
  if (hasOddCharacters(text) || !URL.canParse(text)) return problem(`is not a URL; write it as ${example}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return {
      ok: false,
      problem: `the URL of ${url.host} has a user name or a password in it, which would end up in logs`,
    };
  if (url.port === '0') return problem('has port 0, where nothing can listen');
  return { ok: true, value: url };
}

function hasOddCharacters(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  return /[\u0000-\u0020\u007f-\u00a0\\]/.test(text);
}
