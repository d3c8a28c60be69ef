/**
 * The target and the host of a request (RFC 9112, 3.2 and 3.3), before anything is decided by them: what two readers
 * could take for two different hosts or paths is refused, and an absolute target is brought into the usual form.
 */
import { hostOfHeader } from './host-name.ts';

export interface RequestLine {
  readonly target: string;
  /** `1.1` */
  readonly httpVersion: string;
  /** The values of all Host headers. */
  readonly hosts: readonly string[];
}

export type RequestTargetReading =
  | {
      readonly ok: true;
      /** As in a Host header; null for HTTP/1.0 without one. */
      readonly host: string | null;
      /** Path and query. */
      readonly target: string;
    }
  | { readonly ok: false; readonly problem: TargetProblem };

export interface TargetProblemFacts {
  readonly status: 400 | 505;
  readonly section: string;
  readonly sentence: string;
}

export const targetProblems = {
  'http-version': { status: 505, section: 'RFC 9112, 2.3', sentence: 'only HTTP/1.1 and HTTP/1.0 are spoken here' },
  'host-repeated': {
    status: 400,
    section: 'RFC 9112, 3.2',
    sentence: 'the request carries more than one Host header',
  },
  'host-malformed': {
    status: 400,
    section: 'RFC 9110, 7.2',
    sentence: 'the host of the request is not a host name or address with an optional port',
  },
  'host-missing': { status: 400, section: 'RFC 9112, 3.2', sentence: 'the request carries no Host header' },
  fragment: { status: 400, section: 'RFC 9112, 3.2', sentence: 'a # does not belong into a request target' },
} as const satisfies Record<string, TargetProblemFacts>;

export type TargetProblem = keyof typeof targetProblems;

export function readRequestTarget(line: RequestLine): RequestTargetReading {
  const { target, httpVersion, hosts } = line;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refused('http-version');
  // Of two hosts, the edge would route by one and the server answer for the other.
  if (hosts.length > 1) return refused('host-repeated');
  if (target.includes('#')) return refused('fragment');
  const absolute = absoluteForm.exec(target);
  // The host of an absolute target counts, and the header beside it is ignored (RFC 9112, 3.2.2).
  const host = absolute === null ? (hosts[0] ?? null) : absolute[1]!;
  if (host === null) return httpVersion === '1.0' ? { ok: true, host, target } : refused('host-missing');
  if (hostOfHeader(host) === null) return refused('host-malformed');
  return { ok: true, host, target: absolute === null ? target : pathIn(absolute[2]!) };
}

const absoluteForm = /^(?:https?|wss?):\/\/([^/?]*)(.*)$/i;

/** An empty path is written as a slash. */
function pathIn(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function refused(problem: TargetProblem): RequestTargetReading {
  return { ok: false, problem };
}
