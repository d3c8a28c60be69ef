/** Causes when the answer is a redirect, which no WebSocket client follows. */
import { type Cause, type FailureFacts, worked } from './cause.ts';

export const redirectCauses: readonly Cause[] = [
  {
    code: 'probe-redirect-https',
    when: (facts) => redirects(facts) && isHttpsOf(facts.header('location'), facts.url),
    certainty: (facts) => (worked(facts, 'redirect') ? 'proved' : 'likely'),
    because: (facts) =>
      `the redirect leads to ${shownLocation(facts)}${worked(facts, 'redirect') ? ', where the handshake works' : ''}; WebSocket clients do not follow it`,
    remedy: (facts) => `dial ${shownLocation(facts).replace(/^https:/, 'wss:')}, in the page as well`,
  },
  {
    code: 'probe-path-slash',
    when: (facts) => redirects(facts) && differsBySlash(facts.header('location'), facts.url),
    certainty: (facts) => (worked(facts, 'redirect') ? 'proved' : 'likely'),
    because: (facts) =>
      `the redirect adds or takes a slash (${shownLocation(facts)}${worked(facts, 'redirect') ? ', where the handshake works' : ''}), and WebSocket clients do not follow redirects`,
    remedy: (facts) => `dial ${shownLocation(facts).replace(/^http/, 'ws')}, or make the proxy’s location match both`,
  },
  {
    code: 'probe-redirect-login',
    when: (facts) => redirects(facts) && /log-?in|sign-?in|oauth|sso|auth/i.test(facts.header('location')),
    certainty: 'likely',
    because: (facts) => `the server redirects strangers to ${shownLocation(facts)}`,
  },
  {
    code: 'probe-redirect-elsewhere',
    when: redirects,
    certainty: (facts) => (worked(facts, 'redirect') ? 'proved' : 'likely'),
    because: (facts) =>
      `the redirect leads to ${shownLocation(facts)}${worked(facts, 'redirect') ? ', where the handshake works' : ''}; WebSocket clients do not follow it`,
  },
];

function redirects(facts: FailureFacts): boolean {
  return [301, 302, 303, 307, 308].includes(facts.status);
}

function shownLocation({ header }: FailureFacts): string {
  return header('location').slice(0, 200) || 'nowhere (there is no Location)';
}

function resolved(location: string, url: string): URL | null {
  const base = url.replace(/^ws/, 'http');
  return URL.canParse(location, base) ? new URL(location, base) : null;
}

function isHttpsOf(location: string, url: string): boolean {
  const [to, from] = [resolved(location, url), resolved('', url)];
  return (
    to !== null &&
    from?.protocol === 'http:' &&
    to.protocol === 'https:' &&
    to.hostname === from.hostname &&
    to.pathname === from.pathname
  );
}

function differsBySlash(location: string, url: string): boolean {
  const [to, from] = [resolved(location, url), resolved('', url)];
  if (to === null || from === null || to.hostname !== from.hostname) return false;
  return to.pathname === `${from.pathname}/` || `${to.pathname}/` === from.pathname;
}
