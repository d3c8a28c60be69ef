/**
 * The options of `holdline generate` and `holdline verify` beside those of `holdline plan`: what is served, and in
 * which form.
 */
import type { Command } from 'commander';
import { addWorkloadOptions, type PlanOptions } from './plan.ts';

export interface SiteOptions extends PlanOptions {
  readonly to?: readonly string[];
  readonly host?: string;
  readonly path?: string;
  readonly origin?: readonly string[];
  readonly listen?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly bind?: readonly string[];
  readonly resolver?: readonly string[];
  readonly sticky?: boolean;
  readonly user?: string;
}

export interface GenerateOptions extends SiteOptions {
  readonly fragment?: boolean;
  readonly comments?: boolean;
  readonly output?: string;
  readonly force?: boolean;
}

export function addSiteOptions(command: Command): Command {
  return addWorkloadOptions(command)
    .option('--to <url>', 'a server, http://10.0.0.1:9000 or unix:/run/app.sock; repeat it', collect)
    .option('--host <name>', 'host name to serve; default: any')
    .option('--path <path>', 'the path of the WebSockets; default: /')
    .option('--origin <origin>', 'a page that may connect, https://app.example.com; repeat it', collect)
    .option('--listen <address>', 'where clients connect; default: 80, or 443 with --tls; repeat it', collect)
    .option('--cert <file>', 'certificate with its intermediates, for --tls')
    .option('--key <file>', 'private key, for --tls')
    .option('--bind <address>', 'a local address for the connections to the servers; repeat it', collect)
    .option(
      '--resolver <address>',
      'a name server that keeps server names up to date (nginx 1.27.3); repeat it',
      collect,
    )
    .option('--sticky', 'send a client back to its previous server, for polling transports')
    .option('--user <name>', 'user that the workers run as; default: www-data');
}

export function addGenerateOptions(command: Command): Command {
  return addSiteOptions(command)
    .option('--fragment', 'only what belongs in http, for a conf.d directory')
    .option('--comments', 'explain each line in a comment above it')
    .option('-o, --output <dir>', 'write the configuration, a systemd drop-in, sysctl and logrotate files here')
    .option('--force', 'overwrite existing files');
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
