/** What belongs to the configuration outside of nginx: the unit's limits, the kernel's settings, the logs' rotation. */
import type { NginxPlan } from '../../plan/nginx/plan.ts';
import { systemSettings } from '../../plan/nginx/system.ts';
import { comment } from './render.ts';
import type { Site } from './site.ts';

export interface GeneratedFile {
  /** Where it is written below the directory that the user names. */
  readonly name: string;
  /** Where it has its effect. */
  readonly goesTo: string;
  /** What has to be done then. */
  readonly afterwards: string;
  readonly text: string;
}

export function systemFiles(plan: NginxPlan, site: Site): GeneratedFile[] {
  return [systemdDropIn(plan), ...sysctlFile(plan), logrotate(site)];
}

function systemdDropIn(plan: NginxPlan): GeneratedFile {
  const settings = [
    ...systemSettings(plan).systemd,
    { key: 'KillMode', value: 'mixed', because: 'the signal goes to the master, which tells its workers' },
    {
      key: 'ExecStop',
      value: '',
      because:
        'takes out the stop command of the distribution’s unit; Debian’s waits 5 seconds and then ends everything',
    },
  ];
  const lines = settings.map(({ key, value, because }) => `${comment(because)}${key}=${value}\n`);
  return {
    name: 'systemd/websocket.conf',
    goesTo: '/etc/systemd/system/nginx.service.d/websocket.conf',
    afterwards: 'systemctl daemon-reload, then restart nginx once: a reload does not raise its limits',
    text: `${comment(
      'For changes of the configuration use systemctl reload: a stop closes the listening sockets first, so until the old connections have left nobody new gets in.',
    )}[Service]\n${lines.join('')}`,
  };
}

/** Only what differs from what the host has; nothing when it is all right. */
function sysctlFile(plan: NginxPlan): GeneratedFile[] {
  const { sysctl } = systemSettings(plan);
  if (sysctl.length === 0) return [];
  return [
    {
      name: 'sysctl/60-websocket.conf',
      goesTo: '/etc/sysctl.d/60-websocket.conf',
      afterwards: 'sysctl --system, then restart nginx: a listening socket keeps the backlog that it began with',
      text: sysctl.map(({ key, value, because }) => `${comment(because)}${key} = ${value}\n`).join(''),
    },
  ];
}

function logrotate({ paths, user }: Site): GeneratedFile {
  const logs = [...new Set([folderOf(paths.accessLog), folderOf(paths.errorLog)])].map((folder) => `${folder}*.log`);
  return {
    name: 'logrotate/nginx',
    goesTo: '/etc/logrotate.d/nginx',
    afterwards:
      'nothing; it takes the place of the distribution’s file, because two that name the same logs are an error',
    text: `${logs.map(quoteSpaces).join(' ')} {
    daily
    rotate 14
    maxsize 1G
    missingok
    notifempty
    compress
${comment('the old file is still written to for a moment', '    ')}    delaycompress
    create 0640 ${user ?? 'root'} adm
    sharedscripts
    postrotate
${comment('USR1 makes all workers open their logs anew, those of old generations too; a reload would begin another generation', '        ')}        [ ! -f ${paths.pid} ] || kill -USR1 "$(cat ${paths.pid})"
    endscript
}
`,
  };
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function quoteSpaces(text: string): string {
  return text.includes(' ') ? `"${text}"` : text;
}
