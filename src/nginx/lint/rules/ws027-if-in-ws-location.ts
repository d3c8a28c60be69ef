import type { Location } from '../../effective/model.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const ifInLocation: Rule = {
  id: 'ws027-if-in-ws-location',
  severity: 'warning',
  title: 'an if holds more than return, rewrite and set',
  why: 'An if with such a directive becomes a location of its own. When two of them are true, only the last one counts, with what it has and what the location around it has; the headers of another if are lost, and proxy_set_header may not stand in one at all.',
  evidence:
    'Seen with nginx 1.22.1: of an if with proxy_pass and a later one with add_header, both true, the proxy_pass of the first is not used.',
  help: 'choose with a map (of the backend, of a header’s value), or with locations of their own',
  exampleIn: 'http',
  bad: `
upstream europe {
    server 127.0.0.1:9001;
}
server {
    listen 80;
${soundLocation('location /ws', { first: ['if ($arg_region = eu) {', '    proxy_pass http://europe;', '}'], indent: 4 })}
}`,
  good: `
map $arg_region $chat {
    default backend;
    eu europe;
}
upstream europe {
    server 127.0.0.1:9001;
}
server {
    listen 80;
${soundLocation('location /ws', { pass: 'http://$chat', indent: 4 })}
}`,
  *check(context) {
    const ifs = new Set<Location>();
    for (const { location } of context.webSockets) {
      if (location.kind === 'if') ifs.add(location);
      for (const inner of location.locations) if (inner.kind === 'if') ifs.add(inner);
    }
    for (const inner of ifs) {
      if (inner.parent.own.has('return') && inner.own.has('proxy_pass')) continue; // ws044's
      const name = [...inner.own.keys()].find((each) => !harmless.has(each));
      const at = name === undefined ? undefined : inner.own.get(name)?.[0];
      if (at === undefined) continue;
      yield {
        at,
        message: `${name} stands in "${inner.label}", which is a location of its own`,
        about: inner,
      };
    }
  },
};

/** Directives of the rewrite phase, which run in order as one expects, and those that only write down. */
const harmless = new Set(['return', 'rewrite', 'set', 'break', 'rewrite_log', 'uninitialized_variable_warn']);
