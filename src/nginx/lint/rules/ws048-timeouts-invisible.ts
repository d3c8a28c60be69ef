import type { Location } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import type { LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const timeoutsInvisible: Rule = {
  id: 'ws048-timeouts-invisible',
  severity: 'info',
  optIn: true,
  title: 'nothing tells that quiet WebSockets were cut',
  why: 'nginx writes "upstream timed out … while proxying upgraded connection" at level info, which the error log leaves out by default. The access log has 101 whatever ended the connection; only $request_time shows how long it lived.',
  evidence: 'Seen with nginx 1.22.1: with error_log … error a cut by proxy_read_timeout leaves no line there.',
  help: 'put $request_time into the log_format of this location, and look for lives as long as proxy_read_timeout; or set error_log to info',
  exampleIn: 'http',
  bad: `
server {
    listen 80;
${soundLocation('location /ws', { indent: 4 })}
}`,
  good: `
log_format lives '$remote_addr $status $request_time "$request"';
server {
    listen 80;
${soundLocation('location /ws', { more: ['access_log /var/log/nginx/websockets.log lives;'], indent: 4 })}
}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const doubt = context.doubt(location, 'access_log');
      if (doubt === null || tellsAtInfo(context, location) || logsDuration(context, location)) continue;
      yield {
        at: context.value(location, 'error_log').statements.at(-1) ?? proxy.statement,
        message: `no log shows when nginx cuts a quiet connection of "${location.label}"`,
        about: location,
        ...doubt,
      };
    }
  },
};

function tellsAtInfo(context: LintContext, location: Location): boolean {
  return context.value(location, 'error_log').rows.some(([, level]) => level === 'info' || level?.startsWith('debug'));
}

function logsDuration(context: LintContext, location: Location): boolean {
  const names = context.value(location, 'access_log').rows.map(([, format]) => format ?? 'combined');
  return context.statements('log_format').some(({ directive: { args } }) => {
    const used = names.includes(args[0] ?? '');
    return used && args.slice(1).some((text) => variablesIn(text).some(({ name }) => name === 'request_time'));
  });
}
