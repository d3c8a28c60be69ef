/** docs/rules.md, written from the rules. scripts/rules-page.mjs puts it there, and a test holds the two together. */

import type { Rule } from './rule.ts';
import { rules as allRules } from './rules.ts';
import { soundMaps } from './sound.ts';

const severityWords = { error: 'error', warning: 'warning', info: 'note' } as const;

export function rulesPage(rules: readonly Rule[] = allRules): string {
  return `# Rules of the linter

\`holdline lint\` checks nginx configurations for what breaks WebSockets, on what each location really gets after includes,
inheritance and jumps. A location counts as one that carries WebSockets when it proxies and its headers set Upgrade, when
its name sounds like it (\`/ws\`, \`/socket.io/\`, \`/cable\` …), when a spec names its path, or when a comment
\`# holdline:websocket\` says so.

A comment keeps a rule quiet for the statement it stands before or behind, block and all. It needs a reason, and is reported
when it no longer silences anything:

\`\`\`nginx
# holdline:ignore ws007-idle-timeout-default: the application pings every 20 s
location /ws {
\`\`\`

A file that others include says where with \`# holdline:context http,server\`; what may stand in another file is then not
reported as missing. The examples below stand in a server, around which $websocket_upgrade and $websocket_connection are
maps that let WebSockets through and nothing else, and \`backend\` is an upstream:

\`\`\`nginx
${soundMaps}
\`\`\`

| rule | severity | finds |
|---|---|---|
${rules.map(row).join('\n')}

${rules.map(section).join('\n\n')}
`;
}

function row(rule: Rule): string {
  return `| [${rule.id}](#${rule.id}) | ${severityOf(rule)} | ${rule.title} |`;
}

function section(rule: Rule): string {
  return `## ${rule.id}

${sentence(rule.title)} (${severityOf(rule)})

${rule.why}

**Evidence.** ${rule.evidence}

**What to do.** ${sentence(rule.help)}

Found${told(rule)}:

\`\`\`nginx
${rule.bad.trim()}
\`\`\`

In order:

\`\`\`nginx
${rule.good.trim()}
\`\`\``;
}

function severityOf({ severity, optIn, id }: Rule): string {
  return severityWords[severity] + (optIn === true ? `, only with \`--enable ${id.slice(0, 5)}\`` : '');
}

/** What the example needs to be told on the command line. */
function told({ exampleOptions = {} }: Rule): string {
  const { target, heartbeatMs, connections } = exampleOptions;
  const flags = [
    ...(target === undefined ? [] : [`--target ${target.join('.')}`]),
    ...(heartbeatMs === undefined ? [] : [`--heartbeat ${heartbeatMs / 1000}s`]),
    ...(connections === undefined ? [] : [`--connections ${connections}`]),
  ];
  return flags.length === 0 ? '' : ` with \`${flags.join(' ')}\``;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
