/**
 * An edge in one's own process: the supervisor runs here, the workers in processes of their own. It needs no command
 * line.
 */
import path from 'node:path';
import { closeCauses } from '../../base/close-cause.ts';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { readHostFacts } from '../../host/edge-facts.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { planEdge } from '../../plan/edge/plan.ts';
import { type SpecInput, specFromObject } from '../../spec/read.ts';
import type { ApplyOutcome } from '../change/apply.ts';
import type { EdgeEvent } from '../log/notices.ts';
import { startSupervisor } from '../supervisor.ts';
import type { Edge, EdgeOptions } from './edge.ts';
import { InvalidSpecError } from './invalid-spec.ts';
import { foreseeEdge } from './preview.ts';
import { readCertificates } from './source.ts';
import { serverSteering } from './steering.ts';

type Listener = (event: EdgeEvent) => void;

/**
 * Starts an edge and resolves when it listens. Rejects with `InvalidSpecError` when the spec has errors, and with a
 * HoldlineError otherwise: `listen-port-taken`, `listen-not-permitted`, `certificate-unreadable`, `hooks-unloadable`,
 * `upstream-start-failed`, `worker-start-failed`, `control-needs-token` … (docs/errors.md).
 */
export async function startEdge(spec: SpecInput, options: EdgeOptions = {}): Promise<Edge> {
  const { directory = process.cwd(), env = {}, controlApi = false, signal, sockets } = options;
  const first = planFor(spec, { directory, controlApi });
  if (first.plan === null) throw new InvalidSpecError(first.diagnostics);
  const { plan } = first;
  const listeners = new Map<EdgeEvent['kind'], Set<Listener>>();
  const tell = (event: EdgeEvent) => {
    for (const listener of [...(listeners.get(event.kind) ?? [])]) listener(event);
  };
  const supervisor = await startSupervisor({
    plan,
    certificates: await readCertificates(plan, directory),
    directory,
    env,
    onEvent: tell,
    ...(signal === undefined ? {} : { signal }),
    ...(sockets === undefined ? {} : { sockets }),
  });

  async function apply(next: SpecInput): Promise<ApplyOutcome> {
    const planned = planFor(next, { directory, controlApi });
    if (planned.plan === null) return { changed: [], diagnostics: planned.diagnostics };
    const outcome = supervisor.apply(planned.plan, await readCertificates(planned.plan, directory));
    return { changed: outcome.changed, diagnostics: [...planned.diagnostics, ...outcome.diagnostics] };
  }

  let lastChange: { atMs: number; changed: readonly string[] } | null = null;
  const applied = async (next: SpecInput): Promise<ApplyOutcome> => {
    const outcome = await apply(next);
    if (outcome.changed.length > 0) lastChange = { atMs: Date.now(), changed: outcome.changed };
    return outcome;
  };
  /** Over the API there is no spec to read again but the one that was given last. */
  let current = spec;
  const api = controlApi ? await serveApi().catch(endWith) : null;

  async function serveApi() {
    // Loaded only here: most of what an edge loads is its control API.
    const { startControlServer } = await import('../api/server.ts');
    const { packageVersion } = await import('../../host/package-version.ts');
    const reload = async () => ({ ...(await applied(current)), lastChange });
    const preview = async () => {
      const { plan: next, diagnostics } = planFor(current, { directory, controlApi });
      return next === null
        ? { changed: [], diagnostics, effects: [] }
        : foreseeEdge(supervisor.plan(), next, supervisor.totals());
    };
    // There is no file that a server could be written into.
    const save = () => Promise.reject(new HoldlineError('server-not-saved', 'the edge was started from a program'));
    const target = { ...supervisor, version: packageVersion(), reload, preview, save };
    const { address, token } = plan.control;
    return startControlServer({ target, address, tokens: { steer: token, read: null } });
  }

  async function endWith(error: unknown): Promise<never> {
    await supervisor.close({ graceMs: 0, deadlineMs: 0 });
    throw error;
  }

  return {
    ...serverSteering(supervisor),
    addresses: supervisor.addresses,
    controlUrl: api?.url ?? null,
    diagnostics: first.diagnostics,
    plan: supervisor.plan,
    query: (filter = {}, page = {}) => supervisor.query(filter, { limit: 100, after: null, ...page }),
    connection: supervisor.connection,
    counts: (field, filter = {}) => supervisor.counts(field, filter),
    originsSeen: supervisor.originsSeen,
    closeConnections: (filter, { code = closeCauses.kick.code, reason = '' } = {}) =>
      supervisor.closeConnections(targetOf(filter), { code, reason, cause: 'kick', by: 'operator' }),
    send: (filter, message) => supervisor.send(targetOf(filter), message),
    totals: supervisor.totals,
    workers: supervisor.workers,
    instances: supervisor.instances,
    gates: () => supervisor.gates.state(),
    setGate: (closed, { route = null } = {}) => supervisor.gates.set({ route, closed }),
    async apply(next) {
      const outcome = await applied(next);
      if (!hasErrors(outcome.diagnostics)) current = next;
      return outcome;
    },
    on(kind, listener) {
      const those = listeners.get(kind) ?? new Set<Listener>();
      listeners.set(kind, those);
      those.add(listener as Listener);
      return () => those.delete(listener as Listener);
    },
    async close(how) {
      await supervisor.close(how);
      await api?.close();
    },
    cut() {
      supervisor.cut();
      void api?.close();
    },
  };
}

function targetOf(filter: Parameters<Edge['send']>[0]) {
  return typeof filter === 'string' ? { id: filter } : { filter };
}

interface Surroundings {
  readonly directory: string;
  readonly controlApi: boolean;
}

function planFor(
  spec: SpecInput,
  { directory, controlApi }: Surroundings,
): { readonly plan: EdgePlan | null; readonly diagnostics: readonly Diagnostic[] } {
  const read = specFromObject(spec);
  if (read.value === null) return { plan: null, diagnostics: read.diagnostics };
  const planned = planEdge(read.value, readHostFacts());
  const diagnostics = [...read.diagnostics, ...planned.diagnostics];
  if (hasErrors(diagnostics)) return { plan: null, diagnostics };
  if (read.value.engine === 'nginx')
    throw new HoldlineError('engine-needs-up', 'engine: nginx is carried out by holdline up alone');
  const { hooks, control } = planned.value;
  const plan = {
    ...planned.value,
    hooks: hooks === null ? null : path.resolve(directory, hooks),
    // Servers that the edge starts are told of the API only where there is one.
    control: controlApi ? control : { ...control, address: { host: control.address.host, port: 0 } },
  };
  return { plan, diagnostics };
}
