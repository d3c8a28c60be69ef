/** Addresses and certificates of the servers that have routes. */
import type { Listen, Server } from '../effective/model.ts';
import { valueIn } from '../effective/values.ts';
import type { ImportedListen } from './model.ts';
import type { ImportTask } from './task.ts';
import { fileOf } from './upstreams.ts';

export function listensOf(task: ImportTask, servers: readonly Server[]): ImportedListen[] {
  const made = new Map<string, ImportedListen>();
  for (const server of servers)
    for (const listen of server.listens) {
      if (listen.quic) {
        if (listen.statement !== null)
          task.ledger.lost(listen.statement, 'the edge speaks no HTTP/3, over which browsers open no WebSockets');
        continue;
      }
      const address = addressOf(listen);
      const entry = made.get(address) ?? { address };
      made.set(address, entry);
      if (listen.proxyProtocol) entry.proxyProtocol = true;
      if (listen.ssl) tlsOf(task, server, entry);
      if (listen.statement !== null) task.ledger.kept(listen.statement, `listen: ${address}${remarkOn(listen)}`);
    }
  return [...made.values()];
}

function remarkOn({ statement, backlog, soKeepalive, reuseport }: Listen): string {
  const words = statement?.directive.args ?? [];
  const others = [
    backlog !== null && 'backlog',
    soKeepalive !== null && 'so_keepalive',
    reuseport && 'reuseport',
    words.includes('http2') && 'http2',
  ];
  const left = others.filter((each) => each !== false);
  return left.length === 0 ? '' : `; ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} not needed`;
}

function addressOf({ address, port }: Listen): string {
  if (address.startsWith('unix:')) return address;
  return `${address === '*' || address === '' ? '0.0.0.0' : address}:${port}`;
}

function tlsOf(task: ImportTask, server: Server, entry: ImportedListen): void {
  const { model, ledger } = task;
  const certificates = valueIn(model, server, 'ssl_certificate');
  const keys = valueIn(model, server, 'ssl_certificate_key');
  certificates.statements.forEach((statement, index) => {
    const cert = statement.directive.args[0] ?? '';
    const key = keys.rows[index]?.[0] ?? '';
    const keyLine = keys.statements[index];
    if (/\$|^(?:data|engine|store|object cache):/.test(cert + key) || keyLine === undefined) {
      ledger.lost(statement, 'the spec names files; write one certificate and its key for each name (listen[].tls)');
      return;
    }
    const made = { cert: fileOf(task, cert), key: fileOf(task, key) };
    entry.tls ??= [];
    if (!entry.tls.some((each) => each.cert === made.cert)) entry.tls.push(made);
    ledger.kept(statement, 'listen[].tls; it is read again when it changes');
    ledger.kept(keyLine, 'listen[].tls');
  });
  clientCertificates(task, server, entry);
  for (const name of ['ssl_password_file', 'ssl_certificate_cache'])
    for (const statement of valueIn(model, server, name).statements)
      ledger.lost(statement, 'the edge reads keys without a password');
}

function clientCertificates(task: ImportTask, server: Server, entry: ImportedListen): void {
  const { model, ledger } = task;
  const ca = valueIn(model, server, 'ssl_client_certificate');
  const verify = valueIn(model, server, 'ssl_verify_client');
  const how = verify.text ?? 'off';
  const said = [...ca.statements, ...verify.statements];
  if (ca.text === null || how === 'off') {
    for (const statement of said) ledger.notNeeded(statement, 'no certificates of clients are asked for');
    return;
  }
  if (how === 'optional_no_ca') {
    for (const statement of said) ledger.lost(statement, 'the edge lets no certificate count that it cannot verify');
    return;
  }
  entry.clientCertificates = { ca: fileOf(task, ca.text), ...(how === 'optional' && { required: false }) };
  for (const statement of said) ledger.kept(statement, 'listen[].clientCertificates, for all names of the listener');
}
