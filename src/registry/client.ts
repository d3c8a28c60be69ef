/** What a client's address and user agent say about a crowd of them: the network they are in, the browser they use. */

/**
 * The network that an address is likely to share its fate with: the first 16 bits of an IPv4 address and the first 32
 * of an IPv6 one, which is about what a provider gets in one piece.
 */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/i.exec(address);
  if (v4 !== null) return `${v4[1]}.${v4[2]}.0.0/16`;
  const [first = '', second = ''] = address.split('::')[0]!.split(':');
  return address.includes(':') ? `${first || '0'}:${second || '0'}::/32` : address;
}

/** Browsers in the order in which they have to be looked for: most of them say that they are Chrome or Safari too. */
const browsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdgA?\/(\d{1,4})/],
  ['Opera', /\bOPR\/(\d{1,4})/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d{1,4})/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d{1,4})/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d{1,4})/],
  ['Safari', /\bVersion\/(\d{1,4})(?:\.\d{1,4}){0,3} (?:Mobile\/\w{1,12} )?Safari\//],
];

/** `Chrome 131`; the first product of what is no browser (`websocket-client/1.8.0`); null without a user agent. */
export function browserOf(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === '') return null;
  const text = userAgent.slice(0, 512);
  for (const [name, pattern] of browsers) {
    const version = pattern.exec(text)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return text.split(' ', 1)[0]!.slice(0, 60);
}
