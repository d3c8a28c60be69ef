/** The edge as a service: units of systemd, and the files of logrotate and sysctl that go with them. */
import type { GeneratedFile } from '../../nginx/generate/files.ts';
import { comment } from '../../nginx/generate/render.ts';
import { logFile, type ServiceRequest, type ServiceUnits, serviceUnits, socketName } from '../../plan/edge/service.ts';
import type { SystemSetting } from '../../plan/system.ts';

/** `name` is the place below the root of the file system, so that a folder `/` installs them. */
export function serviceFiles(request: ServiceRequest): GeneratedFile[] {
  const units = serviceUnits(request);
  return [service(request, units), ...sockets(request, units), logrotate(request), ...sysctl(request, units)];
}

function service({ name }: ServiceRequest, units: ServiceUnits): GeneratedFile {
  const sections = [
    ['Unit', units.unit],
    ['Service', units.service],
    ['Install', units.install],
  ] as const;
  const started = units.sockets.map((_, index) => socketName(name, index)).join(' ');
  return file(
    `etc/systemd/system/${name}.service`,
    `systemctl daemon-reload, then systemctl enable --now ${started === '' ? `${name}.service` : `${started} ${name}.service`}`,
    sections.map(([title, settings]) => section(title, settings)).join('\n'),
  );
}

function sockets({ name }: ServiceRequest, units: ServiceUnits): GeneratedFile[] {
  return units.sockets.map((settings, index) =>
    file(
      `etc/systemd/system/${socketName(name, index)}`,
      'when the addresses in the spec change, write the units anew and restart both',
      [
        section('Unit', [{ key: 'Description', value: `Sockets of ${name}.service`, because: '' }]),
        section('Socket', settings),
        section('Install', [{ key: 'WantedBy', value: 'sockets.target', because: '' }]),
      ].join('\n'),
    ),
  );
}

function section(title: string, settings: readonly SystemSetting[]): string {
  const lines = settings.map(({ key, value, because }) => `${because === '' ? '' : comment(because)}${key}=${value}\n`);
  return `[${title}]\n${lines.join('')}`;
}

function logrotate({ name }: ServiceRequest): GeneratedFile {
  return file(
    `etc/logrotate.d/${name}`,
    'nothing: logrotate reads it when it runs the next time',
    `${logFile(name)} {
    daily
    rotate 14
    maxsize 1G
    missingok
    notifempty
    compress
${comment('the old file is still written to for a moment', '    ')}    delaycompress
${comment('the edge makes the new one: root’s would not be writable for it', '    ')}    nocreate
    postrotate
${comment('SIGUSR1 makes the edge open its log anew', '        ')}        systemctl kill --kill-who=main --signal=USR1 ${name}.service 2>/dev/null || true
    endscript
}
`,
  );
}

function sysctl({ name }: ServiceRequest, { sysctl: settings }: ServiceUnits): GeneratedFile[] {
  if (settings.length === 0) return [];
  const lines = settings.map(({ key, value, because }) => `${comment(because)}${key} = ${value}\n`);
  return [
    file(
      `etc/sysctl.d/60-${name}.conf`,
      `sysctl --system, then restart ${name}: a listening socket keeps the backlog that it began with`,
      lines.join(''),
    ),
  ];
}

function file(name: string, afterwards: string, text: string): GeneratedFile {
  return { name, goesTo: `/${name}`, afterwards, text };
}
