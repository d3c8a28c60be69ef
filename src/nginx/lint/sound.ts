/** What the examples of most rules share: pieces of a configuration without a fault. */

export interface SoundLocation {
  /** What proxy_pass names. */
  readonly pass?: string;
  /** Lines in front of the usual ones. */
  readonly first?: readonly string[];
  /** Further lines at the end, each with its semicolon. */
  readonly more?: readonly string[];
  /** Spaces in front of every line: 4 in a server that the example writes itself. */
  readonly indent?: number;
}

/** A location that carries WebSockets. `head` is what stands before the brace: `location /ws`. */
export function soundLocation(
  head: string,
  { pass = 'http://backend', first = [], more = [], indent = 0 }: SoundLocation = {},
): string {
  const lines = [
    ...first,
    `proxy_pass ${pass};`,
    'proxy_http_version 1.1;',
    'proxy_set_header Host $http_host;',
    'proxy_set_header Upgrade $websocket_upgrade;',
    'proxy_set_header Connection $websocket_connection;',
    'proxy_read_timeout 10m;',
    ...more,
  ];
  return indented([`${head} {`, ...lines.map((line) => `    ${line}`), '}'].join('\n'), indent);
}

export interface SoundMain {
  /** Lines at the very top. */
  readonly main?: readonly string[];
  /** Further lines of the block events. */
  readonly events?: readonly string[];
  /** What stands in the block http behind the two maps. */
  readonly http: string;
}

/** A whole configuration, with the maps that a sound location uses. */
export function soundMain({ main = soundMainLines, events = [], http }: SoundMain): string {
  return `${main.join('\n')}

events {
${['worker_connections 4096;', ...events].map((line) => `    ${line}`).join('\n')}
}

http {
${indented(soundMaps, 4)}
${indented(http, 4)}
}
`;
}

/** Maps that let WebSockets through and nothing else. */
export const soundMaps = `map $http_upgrade $websocket_upgrade {
    default "";
    websocket websocket;
}
map $http_upgrade $websocket_connection {
    default "";
    websocket upgrade;
}`;

const soundMainLines = ['worker_processes 1;', 'worker_rlimit_nofile 4352;', 'worker_shutdown_timeout 1h;'];

/** Empty lines stay empty. */
export function indented(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}
