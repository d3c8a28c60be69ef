/**
 * The options that say how to dial: the same for `holdline probe` and `holdline connect`, with curl’s names where curl
 * has them.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../../base/units.ts';
import { readProxy } from '../../client/dial/proxy.ts';
import type { ProbeOptions } from '../../probe/options.ts';
import { isFieldText } from '../../ws/head-writer.ts';
import { isToken } from '../../ws/token.ts';

export interface DialCliOptions {
  readonly header?: readonly string[];
  readonly origin?: string;
  readonly subprotocol?: readonly string[];
  readonly user?: string;
  readonly bearer?: string;
  readonly cookie?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  readonly resolve?: readonly Resolution[];
  readonly proxy?: string;
  readonly unixSocket?: string;
  readonly interface?: string;
  readonly timeout?: number;
  readonly compression?: boolean;
}

interface Resolution {
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

export function addDialOptions(command: Command): Command {
  return command
    .option('-H, --header <"name: value">', 'send this header too; repeat it', header)
    .option('-o, --origin <origin>', 'send this Origin, as a page of that site would', fieldText)
    .option('-s, --subprotocol <name>', 'offer this subprotocol; repeat it', subprotocol)
    .option('-u, --user <name:password>', 'log in with HTTP Basic')
    .option('--bearer <token>', 'send Authorization: Bearer', fieldText)
    .option('-b, --cookie <"name=value; …">', 'send these cookies', fieldText)
    .option('-E, --cert <file>', 'the client’s certificate, in PEM', pem)
    .option('--key <file>', 'its key, in PEM', pem)
    .option('--ca <file>', 'trust these authorities, in PEM', pem)
    .option('--servername <name>', 'the name to ask for in TLS, which the certificate must have')
    .option('-k, --insecure', 'accept any certificate')
    .option('--resolve <host:port:address>', 'dial the address for that host and port; repeat it', resolution)
    .option('-x, --proxy <url>', 'go through an HTTP proxy (CONNECT), http://user:password@host:port', proxy)
    .option('--unix-socket <path>', 'dial a unix socket in place of the URL’s host')
    .option('--interface <address>', 'the source address to dial from')
    .option('--timeout <time>', 'longest wait for each step, 3s (default: 5s to 10s)', durationOption)
    .option('--no-compression', 'offer no permessage-deflate');
}

export function dialOptionsFrom(options: DialCliOptions): ProbeOptions {
  const rawHeaders = [...(options.header ?? [])];
  if (options.user !== undefined)
    rawHeaders.push('Authorization', `Basic ${Buffer.from(options.user).toString('base64')}`);
  if (options.bearer !== undefined) rawHeaders.push('Authorization', `Bearer ${options.bearer}`);
  if (options.cookie !== undefined) rawHeaders.push('Cookie', options.cookie);
  const { cert, key, ca, servername, insecure, resolve } = options;
  const tls = Object.fromEntries(
    Object.entries({ cert, key, ca, servername, insecure }).filter(([, value]) => value !== undefined),
  );
  return {
    rawHeaders,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.subprotocol === undefined ? {} : { subprotocols: options.subprotocol }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...(resolve === undefined
      ? {}
      : { resolve: (host, port) => resolve.find((each) => each.host === host && each.port === port)?.address ?? null }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
    ...(options.unixSocket === undefined ? {} : { socketPath: options.unixSocket }),
    ...(options.interface === undefined ? {} : { localAddress: options.interface }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout }),
    ...(options.compression === false ? { compression: false } : {}),
  };
}

/** A sentence when options do not go together, or null. */
export function dialContradiction({ cert, key }: DialCliOptions): string | null {
  if (key !== undefined && cert === undefined) return '--key goes with --cert';
  if (cert === undefined) return null;
  if (key === undefined && !cert.includes('PRIVATE KEY-----')) return '--cert needs --key, the file with its key';
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key ?? cert))) return null;
    return '--key is not the key of --cert';
  } catch (error) {
    return `--cert and --key cannot be used: ${(error as Error).message}`;
  }
}

export function durationOption(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.problem);
  if (parsed.value === 0) throw new InvalidArgumentError('it has to be longer than nothing');
  return parsed.value;
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a number from 1 on`);
  return Number(text);
}

function header(text: string, before: readonly string[] = []): readonly string[] {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon)).trim();
  const value = text.slice(colon + 1).trim();
  if (colon < 1 || !isToken(name) || !isFieldText(value))
    throw new InvalidArgumentError(`"${text}" is not a header; write "Name: value"`);
  return [...before, name, value];
}

function subprotocol(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((each) => each.trim());
  const wrong = names.find((name) => !isToken(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is not a subprotocol’s name`);
  return [...before, ...names];
}

function fieldText(text: string): string {
  if (!isFieldText(text)) throw new InvalidArgumentError('it holds characters that a header cannot carry');
  return text;
}

function pem(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN ')) throw new InvalidArgumentError(`${file} is not in PEM`);
  return text;
}

function resolution(text: string, before: readonly Resolution[] = []): readonly Resolution[] {
  const match = /^([^:]+):(\d{1,5}):\[?([0-9a-fA-F.:]+)\]?$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`"${text}" does not say that; write host:port:address`);
  return [...before, { host: match[1]!, port: Number(match[2]), address: match[3]! }];
}

function proxy(text: string): string {
  const url = text.includes('://') ? text : `http://${text}`;
  if (readProxy(url) === null) throw new InvalidArgumentError(`"${text}" is not a proxy; write http://host:port`);
  return url;
}
