import type { CatalogueEntry } from './entry.ts';

/** Of nginx in the place of the built-in edge. */
export const engineCodes = {
  'engine-nginx-missing': {
    severity: 'error',
    means: 'the spec asks for nginx, and there is none on this machine',
    remedy: 'install nginx (apt-get install nginx-core), put its directory into PATH, or take engine: nginx out',
  },
  'engine-nginx-lacks': {
    severity: 'error',
    means: 'this nginx was built without a module that the spec needs',
    remedy: 'install a build that has the module, or take out the setting that needs it',
  },
  'engine-nginx-refused': {
    severity: 'error',
    means: 'nginx refuses the configuration that was generated for it, or does not start with it',
    remedy: 'read what nginx said; a file, a port or a module may be missing on this machine',
  },
  'engine-prefix-held': {
    severity: 'error',
    means: 'another supervisor works in the folder that nginx would run in',
    remedy: 'end the other one, or name another folder with --prefix',
  },
  'engine-prefix-unusable': {
    severity: 'error',
    means: 'the folder that nginx would run in cannot be written',
    remedy: 'name a folder of your own with --prefix',
  },
  'engine-without-effect': {
    severity: 'warning',
    means: 'the spec sets something that has no effect under nginx',
    remedy: 'take the setting out, or let the built-in edge carry the connections, behind nginx if need be',
  },
  'engine-without-nginx': {
    severity: 'error',
    means: 'an option that is for nginx alone was given to the built-in edge',
    remedy: 'leave the option out, or add --engine nginx',
  },
  'engine-cannot': {
    severity: 'error',
    means: 'nginx cannot do what was asked of the edge',
    remedy: 'let the built-in edge carry the connections; it can stand behind nginx (docs/nginx-engine.md)',
  },
  'engine-reload-waits': {
    severity: 'warning',
    means: 'nginx has been reloaded so often that the next change of its configuration waits',
    remedy:
      'nothing: it is taken over at the time that is named, together with what changes until then; --reloads-per-hour allows more',
  },
  'engine-without-ss': {
    severity: 'info',
    means: 'bytes, idle times and round trips of the connections that nginx holds cannot be told while they live',
    remedy:
      'install iproute2, whose ss reads them from the kernel; the list of connections and their ends do not need it',
  },
  'engine-needs-up': {
    severity: 'error',
    means: 'a program started an edge whose spec asks for nginx',
    remedy: 'run nginx with holdline up, or take engine: nginx out',
  },
} as const satisfies Record<string, CatalogueEntry>;
