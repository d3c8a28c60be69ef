/** Who answered: told by headers, and by the pages that proxies make themselves. */
import { type AnswerHead, headerValues } from '../../ws/head.ts';

export const proxies = [
  'nginx',
  'HAProxy',
  'Caddy',
  'Apache',
  'Envoy',
  'Traefik',
  'Cloudflare',
  'AWS ELB',
  'Holdline',
] as const;

export type ProxyName = (typeof proxies)[number];

export interface Answerer {
  /** The Server header, or else what was recognised; null when nothing tells. */
  readonly shown: string | null;
  readonly proxy: ProxyName | null;
  /** The page is one that the proxy makes itself: the request did not get any further. */
  readonly itself: boolean;
}

interface Mark {
  readonly proxy: ProxyName;
  readonly server: RegExp | null;
  /** A page of the proxy's own. */
  readonly page: RegExp | null;
}

const marks: readonly Mark[] = [
  { proxy: 'nginx', server: /^(?:nginx|openresty|tengine)\b/i, page: /<center>(?:nginx|openresty)[^<]*<\/center>/i },
  { proxy: 'HAProxy', server: null, page: /<html><body><h1>\d{3} [^<]*<\/h1>\n[^<]*\n<\/body><\/html>/ },
  { proxy: 'Caddy', server: /^caddy/i, page: null },
  { proxy: 'Apache', server: /^apache/i, page: /<address>Apache\/[^<]*<\/address>/i },
  { proxy: 'Envoy', server: /^(?:envoy|istio-envoy)/i, page: /^(?:upstream connect error|no healthy upstream)/ },
  { proxy: 'Traefik', server: /^traefik/i, page: null },
  { proxy: 'Cloudflare', server: /^cloudflare/i, page: /cloudflare/i },
  { proxy: 'AWS ELB', server: /^awselb/i, page: null },
  { proxy: 'Holdline', server: /^holdline/i, page: null },
];

export function answererOf(head: AnswerHead, body: string): Answerer {
  const server = headerValues(head.rawHeaders, 'server')[0] ?? null;
  const named = server === null ? undefined : marks.find((mark) => mark.server?.test(server));
  const page = head.status < 300 ? undefined : marks.find((mark) => mark.page?.test(body));
  // Caddy answers for itself with an empty body, where a server's answer would carry the server's own headers too.
  const emptyCaddy = named?.proxy === 'Caddy' && body === '' && head.status >= 400;
  // What came from a server carries the time that it took.
  const emptyEnvoy =
    named?.proxy === 'Envoy' &&
    body === '' &&
    head.status === 404 &&
    headerValues(head.rawHeaders, 'x-envoy-upstream-service-time').length === 0;
  const proxy = page?.proxy ?? named?.proxy ?? null;
  return { shown: server ?? proxy, proxy, itself: page !== undefined || emptyCaddy || emptyEnvoy };
}
