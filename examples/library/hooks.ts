// A hooks module, to be named under `hooks` in a spec: whoever has no key is refused, and an old word is replaced.
import type { OnHandshake, OnMessage } from 'holdline/hooks';

export const onHandshake: OnHandshake = ({ headers }) =>
  headers['x-api-key'] === undefined
    ? { refuse: { status: 401, body: 'a key is missing' } }
    : { tags: { keyed: 'yes' } };

export const onMessage: OnMessage = ({ data }) =>
  typeof data === 'string' && data.includes('http://')
    ? { replace: data.replaceAll('http://', 'https://') }
    : undefined;
