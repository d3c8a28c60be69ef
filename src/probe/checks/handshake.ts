import { withoutUpgrade } from '../walk/tries.ts';
import { answerTo, type Check, fail, pass, warn } from './check.ts';

type Headers = readonly string[];

/** Replaces the value of a header; null takes the header out. */
export function withHeader(rawHeaders: Headers, name: string, value: string | null): Headers {
  const changed: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const isIt = rawHeaders[i]!.toLowerCase() === name.toLowerCase();
    if (!isIt) changed.push(rawHeaders[i]!, rawHeaders[i + 1]!);
    else if (value !== null) changed.push(rawHeaders[i]!, value);
  }
  return changed;
}

export const handshakeChecks: readonly Check[] = [
  {
    id: 'handshake-version',
    group: 'handshake',
    title: 'An unknown protocol version is refused',
    why: 'A server that accepts a version it does not speak fails later, in ways that nobody can explain.',
    run: async (context) => {
      const headers = (raw: Headers) => withHeader(raw, 'Sec-WebSocket-Version', '12');
      const answer = await answerTo(context, { tweaks: { headers } });
      const offered = answer.header('sec-websocket-version');
      if (answer.upgraded) return fail('version 12 is accepted', 'refuse every version but 13 (RFC 6455, 4.2.2)');
      if (answer.status >= 400 && answer.status < 500 && /(?:^|[\s,])13(?:$|[\s,])/.test(offered))
        return pass(`version 12: ${answer.said}, and 13 is offered`);
      return warn(
        `version 12: ${answer.said}, without saying which version is spoken`,
        'answer 426 with Sec-WebSocket-Version: 13 (RFC 6455, 4.4)',
      );
    },
  },
  {
    id: 'handshake-key',
    group: 'handshake',
    title: 'A missing or malformed key is refused',
    why: 'The key proves that the other side means WebSocket; a server that does not look can be driven by an HTML form.',
    run: async (context) => {
      const cases: readonly (readonly [string, (raw: Headers) => Headers])[] = [
        ['no key', (raw) => withHeader(raw, 'Sec-WebSocket-Key', null)],
        ['an empty key', (raw) => withHeader(raw, 'Sec-WebSocket-Key', '')],
        ['a key of 3 bytes', (raw) => withHeader(raw, 'Sec-WebSocket-Key', 'YWJj')],
        ['a key that is not base64', (raw) => withHeader(raw, 'Sec-WebSocket-Key', '!!!!!!!!!!!!!!!!!!!!!!==')],
      ];
      const evidence: string[] = [];
      const accepted: string[] = [];
      for (const [name, headers] of cases) {
        const answer = await answerTo(context, { tweaks: { headers } });
        evidence.push(`${name}: ${answer.said}`);
        if (answer.upgraded) accepted.push(name);
      }
      if (accepted.length === 0) return pass('all four wrong keys are refused', evidence);
      const remedy = 'refuse a Sec-WebSocket-Key that is not 16 bytes in base64 with 400 (RFC 6455, 4.2.1)';
      const found = `accepted: ${accepted.join(', ')}`;
      return accepted.includes('no key') ? fail(found, remedy, evidence) : warn(found, remedy, evidence);
    },
  },
  {
    id: 'handshake-case',
    group: 'handshake',
    title: 'Header names and tokens in any case',
    why: 'HTTP names have no case, and proxies change it: HTTP/2 front ends write all of them small.',
    run: async (context) => {
      const headers = (raw: Headers) =>
        withHeader(withHeader(raw, 'Upgrade', 'WebSocket'), 'Connection', 'keep-alive, uPGRADE').map((text, i) =>
          i % 2 === 0 ? text.toLowerCase() : text,
        );
      const answer = await answerTo(context, { tweaks: { headers } });
      if (answer.upgraded) return pass('lower-case names, “WebSocket” and “keep-alive, uPGRADE” are understood');
      return fail(
        `lower-case names and mixed-case tokens: ${answer.said}`,
        'compare header names, and the tokens of Upgrade and Connection, without case (RFC 9110, 5.1; RFC 6455, 4.2.1)',
      );
    },
  },
  {
    id: 'handshake-other-upgrade',
    group: 'handshake',
    title: 'Other protocols are not upgraded to',
    why: 'A proxy that passes any Upgrade on (h2c above all) opens a tunnel past its own access rules.',
    run: async (context) => {
      const evidence: string[] = [];
      const tunnelled: string[] = [];
      for (const protocol of ['h2c', 'holdline-probe']) {
        const headers = (raw: Headers) => {
          const plain = withoutUpgrade(raw).slice(0, -2);
          const settings = protocol === 'h2c' ? ['HTTP2-Settings', 'AAMAAABkAAQAAP__'] : [];
          const connection = protocol === 'h2c' ? 'Upgrade, HTTP2-Settings' : 'Upgrade';
          return [...plain, 'Upgrade', protocol, 'Connection', connection, ...settings];
        };
        const answer = await answerTo(context, { tweaks: { headers } });
        evidence.push(`Upgrade: ${protocol}: ${answer.said}`);
        if (answer.upgraded) tunnelled.push(protocol);
      }
      if (tunnelled.length === 0) return pass('h2c and an invented protocol are not upgraded to', evidence);
      return fail(
        `101 for ${tunnelled.join(' and ')}: whatever protocol is asked for gets a tunnel`,
        'pass on websocket only; nginx: map $http_upgrade $ws_upgrade { default ""; "~*^websocket$" websocket; }',
        evidence,
      );
    },
  },
];
