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
  /** What a user without rights cannot read. */
  readonly unreachable: readonly Diagnostic[];
  /** What no user sees there. */
  readonly hidden: readonly Diagnostic[];
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
  const servers = plan.upstreams.flatMap((upstream) => upstream.servers.map(({ url }) => url));
  const sockets = servers.filter((url) => url.startsWith('unix:')).map((url) => url.slice('unix:'.length));
  const own = [...plan.listen.map(({ address }) => address), plan.control.address].flatMap(
    ({ unix }) => unix?.path ?? [],
  );
  const reaches = all.map((file) => ({ file, reach: reachOf(file) }));
  return {
    groups: [...new Set(reaches.flatMap(({ reach }) => (reach.kind === 'groups' ? reach.groups : [])))].map(String),
    home: [...all, ...sockets].some((file) => /^\/(?:home|root|run\/user)\//.test(file)),
    hidden: [...new Set([...all, ...sockets, ...own])]
      .filter((file) => /^\/(?:var\/)?tmp\//.test(file))
      .map((file) => finding('service-file-hidden', `the service has a /tmp of its own, and would not see ${file}`)),
    unreachable: reaches.flatMap(({ file, reach }) => {
      if (reach.kind === 'nobody')
        return [unreachable(`a user without rights cannot read ${file}: ${reach.at} is closed`)];
      return reach.kind === 'missing' ? [unreachable(`${file} is not there`)] : [];
    }),
  };
}

const unreachable = (message: string) => finding('service-file-unreachable', message);

function finding(code: 'service-file-unreachable' | 'service-file-hidden', message: string): Diagnostic {
  const { severity, remedy } = catalogue[code];
  return { code, severity, message, help: remedy };
}
