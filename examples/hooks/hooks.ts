/** Who may connect, where to, how often, and what may be said: the four things that people write hooks for. */
import { readFileSync } from 'node:fs';
import type { OnClose, OnHandshake, OnMessage, OnOpen } from 'holdline/hooks';
import { checkJwt } from './jwt.ts';

const secret = readSecret();

/** Upstreams of the tenants that have servers of their own; all others share the route's. */
const upstreamOf: Readonly<Record<string, string>> = { acme: 'acme', globex: 'globex' };

const sessionsPerUserMax = 3;

/** Open connections by user. Each worker process has a count of its own. */
const sessions = new Map<string, number>();

export const onHandshake: OnHandshake = ({ headers, query }) => {
  // Browsers cannot set headers on a WebSocket, so the token may come in the query as well.
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const token = bearer ?? new URLSearchParams(query).get('token');
  if (token === null) return refusal(401, 'a token is missing');
  const claims = checkJwt(token, secret, Date.now());
  if (typeof claims === 'string') return refusal(401, `the token is ${claims}`);

  const user = claims.sub ?? 'nobody';
  if ((sessions.get(user) ?? 0) >= sessionsPerUserMax)
    return refusal(429, `${sessionsPerUserMax} sessions are open already`);

  const tenant = headers['x-tenant'] ?? claims.tenant ?? 'shared';
  if (claims.tenant !== undefined && tenant !== claims.tenant)
    return refusal(403, 'the token belongs to another tenant');
  const upstream = Object.hasOwn(upstreamOf, tenant) ? { upstream: upstreamOf[tenant]! } : {};
  return {
    ...upstream,
    // The server is told who it is, and does not get the token.
    headers: { 'X-User': user, 'X-Tenant': tenant, Authorization: null },
    tags: { user, tenant },
  };
};

export const onOpen: OnOpen = ({ tags }) => {
  if (tags.user !== undefined) sessions.set(tags.user, (sessions.get(tags.user) ?? 0) + 1);
};

export const onClose: OnClose = ({ tags }) => {
  if (tags.user === undefined) return;
  const left = (sessions.get(tags.user) ?? 1) - 1;
  if (left > 0) sessions.set(tags.user, left);
  else sessions.delete(tags.user);
};

/** Thirteen to nineteen digits, with blanks or dashes in between: what a payment card looks like. */
const card = /\b(?:\d[ -]?){12,18}\d\b/g;

export const onMessage: OnMessage = ({ from, data }) => {
  if (typeof data !== 'string') return undefined;
  if (from === 'client' && data === 'ping') return { answer: 'pong' };
  if (data.startsWith('/debug')) return 'drop';
  const masked = data.replace(card, '[card number]');
  return masked === data ? undefined : { replace: masked };
};

function refusal(status: number, why: string) {
  return { refuse: { status, body: JSON.stringify({ why }), headers: { 'Content-Type': 'application/json' } } };
}

/** From a file, as secrets are mounted in containers, or from the environment. */
function readSecret(): string {
  const { JWT_SECRET_FILE: file, JWT_SECRET: text } = process.env;
  const found = file === undefined ? text : readFileSync(file, 'utf8').trim();
  if (found === undefined || found === '') throw new Error('set JWT_SECRET or JWT_SECRET_FILE');
  return found;
}
