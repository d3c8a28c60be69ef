/** The walk: from the name to the close handshake, one step after the other, each told as it happens. */

import { randomBytes } from 'node:crypto';
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import type { DialProgress } from '../../client/dial/progress.ts';
import { type DialTarget, readTarget } from '../../client/dial/target.ts';
import type { TlsFacts } from '../../client/dial/tls-facts.ts';
import { formatExtensions } from '../../ws/extension.ts';
import { headerValues } from '../../ws/head.ts';
import { diagnose } from '../causes/diagnose.ts';
import { answererOf } from '../causes/software.ts';
import { openLine, type ProbeLine } from '../line.ts';
import { dialOptionsOf, type ProbeOptions } from '../options.ts';
import { publicUrl } from '../public-url.ts';
import type { Endpoint, Failure, Step } from '../report.ts';
import type { Note } from './note.ts';
import { talk } from './talk.ts';
import { tlsStep } from './tls-step.ts';

export interface Walk {
  readonly steps: readonly Step[];
  readonly failure: Failure | null;
  readonly endpoint: Endpoint | null;
}

export async function walk(url: string, options: ProbeOptions): Promise<Walk> {
  const steps: Step[] = [];
  const tell = options.onEvent ?? (() => undefined);
  const note: Note = (id, verdict, detail, tookMs) => {
    const step = { id, verdict, detail, tookMs };
    steps.push(step);
    tell({ kind: 'step', step });
  };
  const failed = (failure: Failure, endpoint: Endpoint | null): Walk => {
    // What was noted already, such as a missing pong, keeps its line.
    if (!steps.some((step) => step.id === failure.step && step.verdict === 'fail'))
      note(failure.step, 'fail', failure.what, null);
    tell({ kind: 'failure', failure });
    return { steps, failure, endpoint };
  };

  const reading = readTarget(url);
  const base = dialOptionsOf(options);
  if (!reading.ok)
    return failed(await diagnose({ phase: 'url', code: reading.code, detail: reading.detail }, url, base), null);
  const watched: DialOptions = {
    ...base,
    onProgress: progressNotes(reading.target, options, note),
    onBytes: (direction, bytes) => tell({ kind: 'bytes', direction, bytes }),
  };
  tell({ kind: 'waiting', what: firstWait(reading.target, options) });
  const opened = await openLine(url, watched);
  if (!opened.ok) {
    tell({ kind: 'waiting', what: 'a second try, to find the cause' });
    return failed(await diagnose(opened.failure, url, base), null);
  }
  const { line } = opened;
  try {
    noteAgreement(line, options, note);
    if (line.opened !== null) {
      const { ok, said, tookMs } = line.opened;
      note(
        'opening',
        ok ? 'pass' : 'fail',
        ok ? `the opening exchange: ${said}` : `not what --expect says: ${said}`,
        tookMs,
      );
      if (!ok) return failed(openingFailure(said), { ...endpointOf(line), pingMs: null, echoes: null });
    }
    const talked = await talk(line, options, note, randomBytes(4).toString('hex'));
    const endpoint = { ...endpointOf(line), pingMs: talked.pingMs, echoes: talked.echoes };
    return talked.failure === null ? { steps, failure: null, endpoint } : failed(talked.failure, endpoint);
  } finally {
    line.connection.cut();
  }
}

/** Notes each phase of the dial with the time that it took alone. */
function progressNotes(target: DialTarget, options: ProbeOptions, note: Note): (progress: DialProgress) => void {
  let beforeMs = 0;
  const tell = options.onEvent ?? (() => undefined);
  return (progress) => {
    const tookMs = progress.atMs - beforeMs;
    beforeMs = progress.atMs;
    switch (progress.phase) {
      case 'dns':
        if (progress.addresses[0] === target.host) return;
        note('dns', 'pass', `${target.host} is ${progress.addresses.join(', ')}`, tookMs);
        return tell({ kind: 'waiting', what: 'the connection' });
      case 'tcp':
        note('tcp', 'pass', `connected to ${progress.address}`, tookMs);
        return tell({ kind: 'waiting', what: target.secure ? 'the TLS handshake' : 'the answer' });
      case 'proxy':
        return note('proxy', 'pass', `${publicUrl(options.proxy!)} opened a tunnel`, tookMs);
      case 'tls':
        noteTls(progress.facts, tookMs, note);
        return tell({ kind: 'waiting', what: 'the answer' });
      case 'request':
        note('request', 'pass', `GET ${shortened(target.target)}, ${progress.request.length} bytes sent`, tookMs);
        return tell({ kind: 'waiting', what: 'the answer' });
      case 'answer': {
        const { status, reason } = progress.answer;
        // Another status is noted with its diagnosis.
        if (status !== 101) return;
        const { shown } = answererOf(progress.answer, '');
        note('answer', 'pass', `${status} ${reason}${shown === null ? '' : `, from ${shown}`}`, tookMs);
      }
    }
  };
}

function noteTls(facts: TlsFacts, tookMs: number, note: Note): void {
  const { verdict, detail } = tlsStep(facts, Date.now());
  note('tls', verdict, detail, tookMs);
}

function noteAgreement({ handshake }: ProbeLine, options: ProbeOptions, note: Note): void {
  note('accept', 'pass', 'Sec-WebSocket-Accept fits the key that was sent', null);
  // RFC 9110, 8.6 and RFC 9112, 6.1: what frames a body has no place in a 1xx, and some proxies then wait for that
  // body.
  for (const name of ['Content-Length', 'Transfer-Encoding']) {
    const value = headerValues(handshake.answer.rawHeaders, name.toLowerCase())[0];
    if (value === undefined) continue;
    const found = `the 101 carries ${name}: ${value.slice(0, 40)}, which a 101 must not have; some proxies then wait for a body`;
    note('accept', 'warn', found, null);
  }
  const offered = options.subprotocols ?? [];
  const { subprotocol, extensions } = handshake;
  if (offered.length === 0) note('subprotocol', 'pass', 'none offered, none chosen', null);
  else if (subprotocol === null)
    note(
      'subprotocol',
      'warn',
      `offered ${offered.join(', ')}; the server chose none, and browsers then give up`,
      null,
    );
  else note('subprotocol', 'pass', `the server chose ${subprotocol}`, null);
  const accepted = formatExtensions(extensions);
  if (options.compression === false) note('extensions', 'pass', 'none offered', null);
  else note('extensions', 'pass', accepted === '' ? 'compression offered, not accepted' : accepted, null);
}

function endpointOf({ handshake, connection }: ProbeLine): Omit<Endpoint, 'pingMs' | 'echoes'> {
  const { address, subprotocol, extensions, deflate, answer } = handshake;
  return {
    address,
    subprotocol,
    deflate,
    server: headerValues(answer.rawHeaders, 'server')[0] ?? null,
    extensions: formatExtensions(extensions),
    tls: connection.tlsFacts(),
  };
}

function openingFailure(said: string): Failure {
  const code = 'probe-opening';
  const { means, remedy } = catalogue[code];
  const what = `the opening exchange was not answered as expected: ${said}`;
  return { step: 'opening', code, what, cause: means, certainty: 'likely', evidence: [], recipes: [], remedy };
}

function firstWait(target: DialTarget, options: ProbeOptions): string {
  return options.socketPath === undefined ? `the address of ${target.host}` : `the socket ${options.socketPath}`;
}

function shortened(target: string): string {
  return target.length > 60 ? `${target.slice(0, 59)}…` : target;
}
