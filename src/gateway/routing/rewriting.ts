/** What a route changes, done to one request on its way to the server and to its answer on the way back. */
import type { ForwardedClient } from '../../policy/client-address/forwarded.ts';
import { type ExchangeFacts, type Rewriting, rewriteAnswer } from '../../policy/rewriting/rewriting.ts';
import { headerValues } from '../../ws/head.ts';
import type { RequestHead } from '../../ws/request-head.ts';

export function exchangeFacts(exchange: {
  readonly request: RequestHead;
  readonly client: ForwardedClient;
  readonly route: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
}): ExchangeFacts {
  const { request, client, route, tags, subprotocols } = exchange;
  const target = request.url ?? '/';
  const query = target.indexOf('?');
  return {
    clientAddress: client.address,
    clientPort: client.port,
    clientSubject: client.certificateSubject,
    scheme: client.proto,
    host: headerValues(request.rawHeaders, 'host')[0] ?? '',
    path: query === -1 ? target : target.slice(0, query),
    origin: headerValues(request.rawHeaders, 'origin')[0] ?? '',
    route,
    tags,
    subprotocols,
  };
}

/** Changes an answer's headers (name, value, name, value …); null changes nothing. */
export type AnswerEdit = ((rawHeaders: readonly string[]) => string[]) | null;

/** What becomes of the answer of a server: the route's changes, and the cookies that an authorizer set. */
export function answerEdit(
  rewriting: Rewriting | null,
  cookies: readonly string[],
  facts: () => ExchangeFacts,
  serverOrigin: string,
): AnswerEdit {
  if (rewriting === null && cookies.length === 0) return null;
  return (rawHeaders) => {
    const headers = rewriting === null ? [...rawHeaders] : rewriteAnswer(rewriting, rawHeaders, facts(), serverOrigin);
    for (const cookie of cookies) headers.push('Set-Cookie', cookie);
    return headers;
  };
}

/** The same for an answer as bytes: a whole head, which the head reader has let pass. */
export function editHead(answer: Buffer, edit: AnswerEdit): Buffer {
  if (edit === null) return answer;
  const [statusLine = '', ...lines] = answer.toString('latin1').trimEnd().split('\r\n');
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const edited = edit(rawHeaders);
  let text = `${statusLine}\r\n`;
  for (let i = 0; i + 1 < edited.length; i += 2) text += `${edited[i]}: ${edited[i + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}
