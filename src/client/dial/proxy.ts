/** Through an HTTP proxy: asking it to CONNECT (RFC 9110, 9.3.6). */

import type { AnswerHead } from '../../ws/head.ts';
import { writeRequestHead } from '../../ws/head-writer.ts';
import type { ClientWire } from '../connection/wire.ts';
import { readHead } from './answer.ts';
import type { DialFailure } from './failure.ts';
import { basicAuthorization } from './target.ts';

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  readonly authorization: string | null;
}

type ProxyFailure = Extract<DialFailure, { phase: 'proxy' }>;

/** Reads `http://user:password@host:port`; null for anything else. */
export function readProxy(text: string): ProxyAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' || url.hostname === '') return null;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    authorization: basicAuthorization(url),
  };
}

/** Null when the wire now leads to the target. */
export async function connectThrough(
  wire: ClientWire,
  options: {
    readonly proxy: ProxyAddress;
    /** `host:port`. */
    readonly authority: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<ProxyFailure | null> {
  const { proxy, authority } = options;
  const rawHeaders = ['Host', authority];
  if (proxy.authorization !== null) rawHeaders.push('Proxy-Authorization', proxy.authorization);
  const written = writeRequestHead({ method: 'CONNECT', target: authority, rawHeaders });
  if (!written.ok) return failed('proxy-url', written.problem, null);
  wire.socket.write(written.bytes);
  const outcome = await readHead(wire, options);
  if (!outcome.ok) return failed(outcome.code, `the proxy: ${outcome.detail}`, null);
  const { status, reason } = outcome.head;
  if (status >= 200 && status < 300) return null;
  return failed('refused', `the proxy answered ${status} ${reason}`, outcome.head);
}

function failed(code: string, detail: string, answer: AnswerHead | null): ProxyFailure {
  return { phase: 'proxy', code, detail, answer };
}
