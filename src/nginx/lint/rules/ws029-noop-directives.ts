import { remove } from '../fixes/edit.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const noopDirectives: Rule = {
  id: 'ws029-noop-directives',
  severity: 'info',
  title: 'a directive that does nothing for WebSockets stands where only WebSockets go',
  why: 'After the 101 nginx carries bytes from socket to socket; buffering, compression, rates and limits of bodies belong to responses and requests, which are over. Such a line looks as if something were taken care of.',
  evidence:
    'Read in ngx_http_upstream.c (the upgrade is taken before buffering is looked at); seen with nginx 1.22.1: the same memory with proxy_buffering off and 16 buffers of 1 MB, and 3 MB in a second with limit_rate 1k.',
  help: 'take the line out',
  bad: `
${soundLocation('location /ws', { more: ['proxy_buffering off;'] })}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location, mixed, because } of context.webSockets) {
      const names = mixed || because === 'faint' ? [] : Object.keys(reasons);
      const cache = context.value(location, 'proxy_cache');
      if (context.unread(location, 'proxy_cache').length === 0 && (cache.text === null || cache.text === 'off'))
        names.push('proxy_cache_bypass', 'proxy_no_cache');
      for (const name of names) {
        const at = location.own.get(name)?.at(-1);
        if (at === undefined) continue;
        yield {
          at,
          message: `${name} does nothing for a WebSocket: ${reasons[name] ?? 'there is no cache here'}`,
          about: location,
          // An answer other than 101 may come from there all the same.
          fix: { title: `take ${name} out`, safe: false, edits: [remove(at.directive)] },
        };
      }
    }
  },
};

const reasons: Readonly<Record<string, string>> = {
  proxy_buffering: 'what follows a 101 is never buffered',
  proxy_request_buffering: 'a handshake has no body',
  proxy_max_temp_file_size: 'nothing of a tunnel is written to files',
  gzip: 'only whole responses are compressed; WebSockets have permessage-deflate',
  keepalive_timeout: 'it is for the time between requests',
  client_body_timeout: 'a handshake has no body',
  client_max_body_size: 'messages are not bodies',
  limit_rate: 'it slows responses, not tunnels',
  limit_rate_after: 'it slows responses, not tunnels',
  proxy_limit_rate: 'it slows responses, not tunnels',
  tcp_nopush: 'it is for files with headers in front of them',
  sendfile: 'no file is sent',
};
