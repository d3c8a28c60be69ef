/**
 * Cross-site WebSocket hijacking: browsers send cookies with every handshake, and only Origin tells which page asked.
 */
import { ownOrigin } from '../walk/tries.ts';
import { type Check, type CheckContext, fail, pass, skip, warn } from './check.ts';

const foreign = 'https://attacker.example';

const listRemedy =
  'compare Origin with a list of whole origins, before the upgrade, and answer 403 to all others (RFC 6455, 10.2)';

export const originChecks: readonly Check[] = [
  {
    id: 'origin-own',
    group: 'origin',
    title: 'A page of the endpoint’s own host is let in',
    why: 'A server that refuses its own pages compares Origin with something else than the host, or sees another host.',
    run: async (context) => {
      const origin = pageOrigin(context);
      const entry = await context.letsIn(origin);
      if (entry.in) return pass(`${origin} is let in`);
      return warn(
        `${origin}: ${entry.said}`,
        'fine when the pages are elsewhere (say where with --origin); otherwise let the proxy pass Host on',
      );
    },
  },
  {
    id: 'origin-foreign',
    group: 'origin',
    title: 'A page of another site is not let in',
    why: 'Any page may open a WebSocket anywhere, with the visitor’s cookies; only the server’s check of Origin stops it.',
    run: async (context) => {
      const entry = await context.letsIn(foreign);
      if (!entry.in) return pass(`${foreign}: ${entry.said}`);
      const found = `${foreign} is let in: any web page can use this endpoint in its visitors’ name`;
      return carriesCookie(context) ? fail(`${found}, with their cookies`, listRemedy) : warn(found, listRemedy);
    },
  },
  {
    id: 'origin-null',
    group: 'origin',
    title: 'Origin “null” is not let in',
    why: 'A sandboxed frame sends “null”, and every attacker can make one.',
    run: async (context) => {
      if ((await context.letsIn(foreign)).in) return skip('every origin is let in');
      const entry = await context.letsIn('null');
      return entry.in
        ? fail('“null” is let in, although other origins are refused', listRemedy)
        : pass(`null: ${entry.said}`);
    },
  },
  {
    id: 'origin-tricks',
    group: 'origin',
    title: 'Names that look like the right one are not let in',
    why: 'A pattern without its ends, or with dots that match anything, lets in anyone who buys the right name.',
    run: async (context) => {
      if ((await context.letsIn(foreign)).in) return skip('every origin is let in');
      const origin = pageOrigin(context);
      if (!(await context.letsIn(origin)).in) return skip('no origin is known that is let in; give one with --origin');
      const evidence: string[] = [];
      const accepted: string[] = [];
      for (const [trick, value] of tricksOf(origin)) {
        const entry = await context.letsIn(value);
        evidence.push(`${value}: ${entry.said}`);
        if (entry.in) accepted.push(`${value} (${trick})`);
      }
      if (accepted.length === 0) return pass(`${evidence.length} look-alikes of ${origin} are refused`, evidence);
      return fail(
        `let in: ${accepted.join(', ')}`,
        'anchor the pattern at both ends and escape its dots, or compare whole origins',
        evidence,
      );
    },
  },
  {
    id: 'origin-none',
    group: 'origin',
    title: 'A client without Origin',
    why: 'Programs send no Origin. The check protects browsers only, so letting programs in is a choice and not a hole.',
    run: async (context) => {
      const entry = await context.letsIn(null);
      return pass(entry.in ? 'let in: programs can connect' : `refused (${entry.said}): browsers only`);
    },
  },
];

function pageOrigin({ dial, url }: CheckContext): string {
  return dial.origin ?? ownOrigin(url);
}

/** With a cookie in the request it is proved that the endpoint is one that knows its users by cookies. */
function carriesCookie({ dial }: CheckContext): boolean {
  return (dial.rawHeaders ?? []).some((name, i) => i % 2 === 0 && name.toLowerCase() === 'cookie');
}

/** What a sloppy pattern takes for `origin`, and which slip it is. */
export function tricksOf(origin: string): readonly (readonly [string, string])[] {
  const match = /^([a-z]+:\/\/)(\[[^\]]*\]|[^:/]+)(:\d+)?$/.exec(origin);
  if (match === null) return [];
  const [, scheme, host, port = ''] = match as unknown as [string, string, string, string | undefined];
  const tricks: (readonly [string, string])[] = [
    ['no end', `${scheme}${host}.attacker.example${port}`],
    ['no end', `${scheme}${host}${port}.attacker.example`],
    ['no beginning', `${scheme}attacker-${host}${port}`],
    ['anywhere in it', `${foreign}/${origin}`],
  ];
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+$/i.test(host))
    tricks.push(['a dot that matches anything', `${scheme}${host.replace('.', 'x')}${port}`]);
  // Without a port, the first two are one.
  return tricks.filter(([, value], i) => tricks.findIndex(([, other]) => other === value) === i);
}
