/** What this machine allows a run: descriptors for each process, ports for each source address. Pure arithmetic. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { CapacityFacts } from '../../host/capacity-facts.ts';

export interface CapacityWish {
  readonly connections: number;
  /** All messages of all connections together. */
  readonly messagesPerSecond: number;
  readonly processes: number | null;
  readonly sources: readonly string[];
  /** The target is 127.0.0.0/8, so that any number of source addresses is there for the taking. */
  readonly loopback: boolean;
  /** How often all connections are cut by us and opened again. */
  readonly cuts: number;
}

export interface LoadPlan {
  readonly processes: number;
  /** Empty: the system chooses. */
  readonly sources: readonly string[];
}

/** What Node holds open itself, with room: event loop, channel to the parent, standard streams, name resolution. */
const descriptorsReserved = 64;
/** Ports that others use, or that wait two minutes after their connection's end: 5 %. */
const portsReservedShare = 0.05;
/** About what one process does while it takes half a core. */
const messagesPerProcess = 5000;
/** More connections in one process make its garbage collections visible in the latencies. */
const connectionsPerProcess = 10_000;
/** As the scenario allows. */
const processesMax = 256;
/** 127.1.0.1 and on: nobody listens there, and nothing else takes their ports. */
const loopbackSourcesMax = 250;
/**
 * Linux looks for the free port of a given address one by one, among the odd ports of the lower half first: 7,000 by
 * default. Up to a third of them it finds one at once; when they are taken, each connection costs milliseconds.
 */
const portsPerLoopbackSource = 2500;
/** By the time of a further cut, the ports of the first are free again. */
const cutsMax = 3;

export type CapacityAnswer =
  | { readonly ok: true; readonly plan: LoadPlan }
  /** `fits`: the number of connections that would go. */
  | { readonly ok: false; readonly diagnostic: Diagnostic<'bench-descriptors' | 'bench-ports'>; readonly fits: number };

export function planLoad(wish: CapacityWish, facts: CapacityFacts): CapacityAnswer {
  const eachProcess = Math.max(0, facts.descriptors - descriptorsReserved);
  const processes = wish.processes ?? processesFor(wish, facts.cores, eachProcess);
  if (processes * eachProcess < wish.connections) return tooFewDescriptors(wish, facts, processes, eachProcess);

  const eachSource = Math.floor(facts.ports * (1 - portsReservedShare));
  // The side that ends a connection keeps its port for a minute (RFC 9293, TIME-WAIT): on loopback, where addresses are
  // free, each cut gets ports of its own. Elsewhere the report says if they ran out.
  const ports = wish.connections * (1 + Math.min(wish.cuts, cutsMax));
  const needed = Math.ceil(ports / Math.max(1, eachSource));
  const sources = wish.sources.length === 0 && wish.loopback && needed > 1 ? loopbackSources(ports) : wish.sources;
  const fits = Math.max(1, sources.length) * eachSource;
  if (fits < wish.connections) return tooFewPorts(wish, facts, Math.max(1, sources.length), fits);
  return { ok: true, plan: { processes: Math.min(processes, wish.connections), sources } };
}

function loopbackSources(ports: number): string[] {
  const length = Math.min(Math.ceil(ports / portsPerLoopbackSource), loopbackSourcesMax);
  return Array.from({ length }, (_, index) => `127.1.0.${index + 1}`);
}

function processesFor(wish: CapacityWish, cores: number, eachProcess: number): number {
  const forLoad = Math.max(wish.messagesPerSecond / messagesPerProcess, wish.connections / connectionsPerProcess);
  const forDescriptors = Math.ceil(wish.connections / Math.max(1, eachProcess));
  return Math.min(processesMax, Math.max(1, forDescriptors, Math.min(cores, Math.ceil(forLoad))));
}

function tooFewDescriptors(
  wish: CapacityWish,
  facts: CapacityFacts,
  processes: number,
  eachProcess: number,
): CapacityAnswer {
  const fits = processes * eachProcess;
  const more = Math.ceil(wish.connections / Math.max(1, eachProcess));
  return {
    ok: false,
    fits,
    diagnostic: {
      code: 'bench-descriptors',
      severity: 'error',
      message: `${count(wish.connections)} connections do not fit: ${processes} process${processes === 1 ? '' : 'es'} with ${count(facts.descriptors)} descriptors hold ${count(fits)}`,
      help:
        more <= processesMax
          ? `open at most ${count(fits)}, take --processes ${more}, or raise ulimit -n`
          : `open at most ${count(fits)}, or raise ulimit -n`,
    },
  };
}

function tooFewPorts(wish: CapacityWish, facts: CapacityFacts, sources: number, fits: number): CapacityAnswer {
  const eachSource = Math.max(1, Math.floor(fits / sources));
  return {
    ok: false,
    fits,
    diagnostic: {
      code: 'bench-ports',
      severity: 'error',
      message: `${count(wish.connections)} connections do not fit: ${sources} source address${sources === 1 ? '' : 'es'} with ${count(facts.ports)} ports reach${sources === 1 ? 'es' : ''} the target ${count(fits)} times`,
      help: `open at most ${count(fits)}, or name ${Math.ceil(wish.connections / eachSource)} addresses of this machine with --source`,
    },
  };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
