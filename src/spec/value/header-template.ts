/**
 * Values of headers that the spec sets: text with a few variables, `$client_address` or `${client_address}`; `$$` is a
 * dollar.
 */
import { nearest } from '../../base/nearest.ts';
import type { Parsed } from '../../base/units.ts';
import { quotedText } from './safe-text.ts';

/** Every variable, with what it means, for docs/spec.md. */
export const variables = {
  client_address: 'the client’s address, as trusted proxies tell it',
  client_port: 'its port; empty when a proxy did not say',
  client_subject: 'the subject of the client’s certificate; empty when it showed none that was verified',
  scheme: '`http` or `https`, as the client came',
  host: 'the Host header of the request',
  path: 'the path that the client asked for, without the query',
  origin: 'the Origin header; empty when there is none',
  route: 'the name of the route',
} as const satisfies Record<string, string>;

/** Text, variable, text, variable … */
export type HeaderTemplate = readonly string[];

export function parseTemplate(text: string): Parsed<HeaderTemplate> {
  const problem = (what: string): Parsed<HeaderTemplate> => ({ ok: false, problem: what });
  const parts: string[] = [''];
  let at = 0;
  for (const match of text.matchAll(/\$(?:\$|\{([^}]*)\}|([a-z][a-z0-9_-]*))?/gi)) {
    parts[parts.length - 1] += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[0] === '$$') {
      parts[parts.length - 1] += '$';
      continue;
    }
    const name = match[1] ?? match[2];
    if (name === undefined) return problem(`${quotedText(text)} has a $ without a name; $$ stands for a dollar`);
    const known = Object.hasOwn(variables, name) || /^tag_[a-z][a-z0-9_-]*$/.test(name);
    if (!known) {
      const meant = nearest(name, Object.keys(variables));
      const hint =
        meant === undefined ? `there are ${Object.keys(variables).join(', ')} and tag_NAME` : `did you mean $${meant}?`;
      return problem(`${quotedText(text)}: there is no variable $${name}; ${hint}`);
    }
    parts.push(name, '');
  }
  parts[parts.length - 1] += text.slice(at);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such a value could end the header and begin another (RFC 9110, 5.5).
  if (/[\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]/.test(text))
    return problem(`${quotedText(text)} has a character that no header can have`);
  return { ok: true, value: parts };
}
