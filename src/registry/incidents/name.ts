import { closeCauses } from '../../base/close-cause.ts';
import type { CloseBurst } from './burst.ts';
import { type Cluster, commonest, densest } from './cluster.ts';
import type { Ended, Incident } from './incident.ts';
import type { Survivors } from './population.ts';
import { fared, mostOf, percent, stands, suspectOf } from './suspect.ts';
import { timeoutNear } from './timeouts.ts';

/** What a way of explaining a burst comes to; null when it does not explain it. */
type Explanation = Pick<Incident, 'kind' | 'subject' | 'sentence' | 'evidence' | 'filter'> | null;

interface Case extends CloseBurst {
  readonly survivors: Survivors;
  readonly seconds: string;
}

/**
 * Names the probable cause of a burst: the first way of explaining it that holds. Pure: the same burst gets the same
 * name.
 */
export function nameBurst(burst: CloseBurst, survivors: Survivors): Incident {
  const told: Case = { ...burst, survivors, seconds: within(burst) };
  for (const explain of ways) {
    const explanation = explain(told);
    if (explanation !== null)
      return { ...explanation, fromMs: burst.fromMs, toMs: burst.toMs, connections: burst.count };
  }
  throw new Error('the last way explains everything');
}

/** In the order of how much each says: a timeout or a server is a narrower word than a network. */
const ways: readonly ((told: Case) => Explanation)[] = [
  edgeRule,
  silentHop,
  oneServer,
  severalServers,
  oneProxy,
  oneNetwork,
  oneBrowser,
  ageLimit,
  unnamed,
];

function edgeRule({ rows, count, seconds }: Case): Explanation {
  const common = commonest(rows, (row) => row.cause);
  // A lost heartbeat is the edge's word for somebody else's silence: the network or the proxy may explain it.
  if (common === null || common.share < mostOf || common.value === 'heartbeat-lost') return null;
  const cause = common.value as Ended['cause'];
  if (closeCauses[cause].by !== 'edge') return null;
  return {
    kind: 'edge-rule',
    subject: cause,
    sentence: `the edge itself ended ${count} connections ${seconds}: ${closeCauses[cause].means}`,
    evidence: [`${percent(common.share)} ended with the cause ${cause}`],
    filter: `cause:${cause}`,
  };
}

function silentHop({ rows, count, seconds, ...burst }: Case): Explanation {
  const frameless = rows.filter(isFrameless);
  if (frameless.length < mostOf * rows.length) return null;
  const silence = densest(
    frameless.map((row) => row.idleMs),
    clusterMs,
  );
  if (silence === null || silence.share < mostOf || silence.from < silentMsMin) return null;
  const known = timeoutNear(silence.from);
  // After a message to everybody all are silent for equally long, and whatever then cuts them looks like a timeout.
  const spread = burst.toMs - burst.fromMs > 3 * (silence.to - silence.from) && burst.toMs - burst.fromMs > clusterMs;
  if (known === null && !spread) return null;
  return hopExplanation(frameless, silence, `${count} connections ${seconds}`);
}

/** Also for ends that come one by one, over minutes (silence.ts). */
export function hopExplanation(rows: readonly Ended[], silence: Cluster, what: string): NonNullable<Explanation> {
  const known = timeoutNear(silence.from);
  const shown = `${(silence.from / 1000).toFixed(1)} s`;
  const behind = rows.filter((row) => row.by === 'server').length > rows.length / 2;
  const place = behind ? 'between the edge and the servers' : 'between the clients and the edge';
  return {
    kind: 'silent-hop',
    subject: known === null ? shown : `${known.seconds} s`,
    sentence: `a hop ${place} cut ${what} that had been silent for ${shown}: its idle timeout${
      known === null ? '' : `; ${known.seconds} s is that of ${known.whose}`
    }`,
    evidence: [
      `${percent(silence.share)} had been silent for ${(silence.from / 1000).toFixed(1)} to ${(silence.to / 1000).toFixed(1)} s`,
      'none of them sent a close frame',
      'a heartbeat shorter than that keeps them open',
    ],
    filter: `idle:${Math.floor(silence.from)}ms..${Math.ceil(silence.to)}ms`,
  };
}

function oneServer({ rows, count, seconds, survivors }: Case): Explanation {
  if (rows.filter(isServerSide).length < mostOf * rows.length) return null;
  const server = suspectOf(rows, 'server', survivors);
  if (server === null) return null;
  const frames = rows.filter((row) => row.cause === 'server-close');
  const told = frames.length > rows.length / 2;
  const code = commonest(frames, (row) => String(row.code));
  return {
    kind: 'server',
    subject: server.value,
    sentence: told
      ? `${server.value} closed ${count} connections with ${code!.value} ${seconds}: it was restarted or deployed`
      : `${server.value} lost ${count} connections ${seconds}, without a close frame: it crashed or was killed`,
    evidence: [`${percent(server.share)} were on this server`, fared(server, 'on it')],
    filter: `server:${server.value}`,
  };
}

function severalServers({ rows, count, seconds }: Case): Explanation {
  const ofServers = rows.filter(isServerSide);
  if (ofServers.length < mostOf * rows.length) return null;
  const servers = new Set(ofServers.map((row) => row.server));
  return {
    kind: 'servers',
    subject: null,
    sentence: `${servers.size} servers ended ${count} connections ${seconds}: a deploy, or what they share failed`,
    evidence: [`${percent(ofServers.length / rows.length)} were ended by the servers`],
    filter: 'by:server',
  };
}

function oneProxy({ rows, count, seconds, survivors }: Case): Explanation {
  if (rows.filter(isFrameless).length < mostOf * rows.length) return null;
  const proxy = suspectOf(rows, 'proxy', survivors);
  if (!stands(proxy, 0.5, { needsOthers: false })) return null;
  return {
    kind: 'proxy',
    subject: proxy.value,
    sentence: `the proxy at ${proxy.value} dropped ${count} connections ${seconds}, without a close frame: it was reloaded or restarted`,
    evidence: [`${percent(proxy.share)} came through this address`, fared(proxy, 'through it')],
    filter: `proxy:${proxy.value}`,
  };
}

function oneNetwork({ rows, count, seconds, survivors }: Case): Explanation {
  const network = suspectOf(rows, 'network', survivors);
  if (!stands(network, 0, { needsOthers: true })) return null;
  return {
    kind: 'network',
    subject: network.value,
    sentence: `clients in ${network.value} lost ${count} connections ${seconds}: their network failed`,
    evidence: [`${percent(network.share)} were in this network`, fared(network, 'from it')],
    filter: `network:${network.value}`,
  };
}

function oneBrowser({ rows, count, seconds, survivors }: Case): Explanation {
  const browser = suspectOf(rows, 'browser', survivors);
  if (!stands(browser, 0, { needsOthers: true })) return null;
  return {
    kind: 'browser',
    subject: browser.value,
    sentence: `${count} connections of ${browser.value} ended ${seconds}, and those of others stayed: an update, or a fault of it`,
    evidence: [`${percent(browser.share)} were of this browser`, fared(browser, 'of it')],
    filter: `browser:"${browser.value}"`,
  };
}

function ageLimit({ rows, count, seconds, ...burst }: Case): Explanation {
  const ages = densest(
    rows.map((row) => row.ageMs),
    clusterMs,
  );
  if (ages === null || ages.share < mostOf || ages.from < silentMsMin) return null;
  // Those that came together and went together are of one age for that reason alone.
  if (burst.toMs - burst.fromMs <= 3 * (ages.to - ages.from) || burst.toMs - burst.fromMs <= clusterMs) return null;
  const shown = `${(ages.from / 1000).toFixed(1)} s`;
  return {
    kind: 'age-limit',
    subject: shown,
    sentence: `${count} connections ended ${seconds}, each at the age of ${shown}: a limit on the way or in the application`,
    evidence: [`${percent(ages.share)} lived for ${shown}, whenever they had begun`],
    filter: `age:${Math.floor(ages.from)}ms..${Math.ceil(ages.to)}ms`,
  };
}

function unnamed({ rows, count, seconds }: Case): Explanation {
  const cause = commonest(rows, (row) => row.cause)!;
  return {
    kind: 'unnamed',
    subject: null,
    sentence:
      cause.share < mostOf
        ? `${count} connections ended ${seconds}; nothing that they share explains it`
        : `${count} connections ended ${seconds}: ${closeCauses[cause.value as Ended['cause']].means}; nothing that they share explains why`,
    evidence: [`${percent(cause.share)} ended with the cause ${cause.value}`],
    filter: cause.share < mostOf ? '' : `cause:${cause.value}`,
  };
}

/** Timers of a hop fire within a second of each other for silences that are equal. */
const clusterMs = 2000;
/** Shorter silences are those of people who type, not of timeouts. */
export const silentMsMin = 10_000;

const frameless: ReadonlySet<Ended['cause']> = new Set([
  'client-gone',
  'client-reset',
  'server-gone',
  'server-reset',
  'server-lost',
]);

export function isFrameless({ cause }: Ended): boolean {
  return frameless.has(cause);
}

function isServerSide({ by }: Ended): boolean {
  return by === 'server';
}

function within({ fromMs, toMs }: CloseBurst): string {
  const seconds = (toMs - fromMs) / 1000;
  return seconds < 1 ? 'at once' : `within ${Math.ceil(seconds)} s`;
}
