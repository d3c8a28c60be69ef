/** Processor time: messages, handshakes, and what it takes when everybody comes back at once. */
import { largeBufferBytes, processorCosts, processorShareMax, signaturesPerSecond } from './constants.ts';
import { type Figure, num, sum } from './figure.ts';
import type { MachineFacts } from './machine.ts';
import { opensPerSecond, type Workload } from './workload.ts';

export interface ProcessorFigures {
  readonly microsecondsPerMessage: Figure;
  readonly microsecondsPerHandshake: Figure;
  readonly coresBusy: Figure;
  readonly coresUsable: Figure;
  /** Time in which the workers could take everybody back, all processors on handshakes alone. */
  readonly storm: Figure;
}

export function planProcessor(workload: Workload, machine: MachineFacts, bufferBytes: number): ProcessorFigures {
  const perMessage = messageCost(workload, bufferBytes);
  const perHandshake = handshakeCost(workload);
  const heartbeats = workload.heartbeat === null ? 0 : 2_000 / workload.heartbeat.everyMs;
  const rate = workload.messagesPerSecond + heartbeats;
  const opens = opensPerSecond(workload);
  const busy = (workload.connections * rate * perMessage.value + opens * perHandshake.value) / 1_000_000;
  return {
    microsecondsPerMessage: perMessage,
    microsecondsPerHandshake: perHandshake,
    coresBusy: sum({
      name: 'processors busy in quiet times',
      value: busy,
      unit: 'cores',
      because:
        heartbeats === 0
          ? 'messages of all connections, and the handshakes of those that come'
          : 'messages of all connections with two frames for each heartbeat, and the handshakes of those that come',
      formula: `(${num(workload.connections)} × ${num(rate, 6)} × ${num(perMessage.value, 6)} + ${num(opens, 6)} × ${num(perHandshake.value)}) ÷ 1,000,000`,
    }),
    coresUsable: sum({
      name: 'processors to plan with',
      value: machine.cores * processorShareMax,
      unit: 'cores',
      because: 'the rest is for reconnect storms, reloads and everything else on the host',
      formula: `${num(machine.cores, 3)} × ${processorShareMax}`,
    }),
    storm: sum({
      name: 'time to take everybody back after a cut',
      value: Math.ceil((workload.connections * perHandshake.value) / machine.cores / 1_000),
      unit: 'milliseconds',
      because: workload.clientTls
        ? `handshakes alone, on all processors, with an RSA-2048 certificate; an ECDSA P-256 one signs ${Math.round(signaturesPerSecond.ecdsaP256 / signaturesPerSecond.rsa2048)} times as fast and halves it`
        : 'handshakes alone, on all processors',
      formula: `round up(${num(workload.connections)} × ${num(perHandshake.value)} ÷ ${num(machine.cores, 3)} ÷ 1,000) ÷ 1,000`,
    }),
  };
}

/** How many sides of nginx speak TLS; each costs the same. */
function tlsSides(workload: Workload): number {
  return Number(workload.clientTls) + Number(workload.serverTls);
}

function messageCost(workload: Workload, bufferBytes: number): Figure {
  const size = bufferBytes >= largeBufferBytes ? 'large' : 'small';
  const sides = tlsSides(workload);
  const message = processorCosts.plain.message + sides * processorCosts.tls.message;
  const perKb = processorCosts.plain.perKb[size] + sides * processorCosts.tls.perKb[size];
  return sum({
    name: 'microseconds per message',
    value: message + (perKb * workload.messageBytes) / 1_024,
    unit: 'microseconds',
    because:
      'waking the worker, reading and writing once, and copying by the kilobyte; measured on a 2.5 GHz core, newer ones are faster',
    formula: `${num(message)} + ${num(perKb, 3)} × ${num(workload.messageBytes)} ÷ 1,024`,
  });
}

function handshakeCost(workload: Workload): Figure {
  const sides = tlsSides(workload);
  return sum({
    name: 'microseconds per handshake',
    value: processorCosts.plain.handshake + sides * processorCosts.tls.handshake,
    unit: 'microseconds',
    because:
      'the request, the connection to the server and the 101; with TLS a full handshake with an RSA-2048 certificate',
    formula: `${processorCosts.plain.handshake} + ${sides} × ${num(processorCosts.tls.handshake)}`,
  });
}
