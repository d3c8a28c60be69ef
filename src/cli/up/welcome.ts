import type { Command } from 'commander';

/** The things that most people come for. A row is shown when its command is there. */
const wishes = [
  {
    command: 'up',
    want: 'Put an edge in front of a WebSocket server',
    type: 'holdline up --to http://127.0.0.1:3000',
  },
  {
    command: 'lint',
    want: 'Find out whether an nginx configuration carries WebSockets',
    type: 'holdline lint /etc/nginx/nginx.conf',
  },
  {
    command: 'probe',
    want: 'Find out what an endpoint does',
    type: 'holdline probe wss://example.com/chat',
  },
  {
    command: 'check',
    want: 'Check a spec before it is used',
    type: 'holdline check holdline.yaml',
  },
] as const;

/** How many wishes are shown: more than three is a manual, and --help has that. */
const wishesMax = 3;

/** What `holdline` alone prints. */
export function welcome(program: Command): string {
  const there = new Set(program.commands.map((command) => command.name()));
  const shown = wishes.filter((wish) => there.has(wish.command)).slice(0, wishesMax);
  const rows = shown.map((wish) => `  ${wish.want}\n    $ ${wish.type}\n`).join('\n');
  return `Holdline keeps WebSockets up behind nginx.\n\n${rows}\nholdline --help lists every command, and each has a --help of its own.\n`;
}
