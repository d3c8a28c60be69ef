/** What a service reads, and whether it could: systemd's made-up user has no rights of its own. */
import path from 'node:path';
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { reachOf } from '../../host/reach.ts';
import type { EdgePlan } from '../../plan/edge/plan.ts';

export interface Reads {
  /** Numbers of groups that the service has to be in. */
  readonly groups: readonly string[];
  /** Something stands below /home, /root or /run/user. */
  readonly home: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadsRequest {
  readonly plan: EdgePlan;
  /** Of the service itself, absolute. */
  readonly files: readonly string[];
  /** What the plan's paths are relative to. */
  readonly directory: string;
}

export function readsOf({ plan, files, directory }: ReadsRequest): Reads {
  const named = plan.listen.flatMap(({ tls, otherCertificates, clientCertificates }) => [
    ...(tls === null ? [] : [tls, ...otherCertificates]).flatMap(({ cert, key }) => [cert, key]),
    ...(clientCertificates === null ? [] : [clientCertificates.ca]),
  ]);
  const folders = plan.upstreams.flatMap(({ managed }) => (managed === null ? [] : [managed.directory]));
  const authorities = plan.upstreams.flatMap(({ ca }) => (ca === null ? [] : [ca]));
  const hooks = plan.hooks === null ? [] : [plan.hooks];
  const relative = [...named, ...authorities, ...hooks, ...folders];
  const all = [...new Set([...files, ...relative.map((file) => path.resolve(directory, file))])];
  const reaches = all.map((file) => ({ file, reach: reachOf(file) }));
  return {
    groups: [...new Set(reaches.flatMap(({ reach }) => (reach.kind === 'groups' ? reach.groups : [])))].map(String),
    home: all.some((file) => /^\/(?:home|root|run\/user)\//.test(file)),
    diagnostics: reaches.flatMap(({ file, reach }) => {
      if (reach.kind === 'nobody') return [finding(`a user without rights cannot read ${file}: ${reach.at} is closed`)];
      return reach.kind === 'missing' ? [finding(`${file} is not there`)] : [];
    }),
  };
}

function finding(message: string): Diagnostic {
  const { severity, remedy } = catalogue['service-file-unreachable'];
  return { code: 'service-file-unreachable', severity, message, help: remedy };
}
