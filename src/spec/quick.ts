import type { Code } from '../base/catalogue/catalogue.ts';
import type { Findings } from '../base/diagnostic.ts';
import type { Spec } from './model.ts';
import { specFromObject } from './read.ts';

export interface QuickSpecOptions {
  /** URLs of servers that run already. */
  readonly to: string | readonly string[];
  /** As under `listen`: `8080`, `0.0.0.0:8080`. */
  readonly listen?: string | number | undefined;
  readonly control?: string | number | undefined;
  readonly workers?: number | undefined;
  /** Largest message: `1m`, or `off`. */
  readonly maxMessage?: string | undefined;
  /** Bearer token of the control API; required when `control` is not loopback. */
  readonly token?: string | undefined;
}

/** Which option of `holdline up` a path of the spec came from. */
const flags: readonly (readonly [RegExp, string])[] = [
  [/^upstreams/, '--to'],
  [/^listen/, '--listen'],
  [/^control\.token/, '--token'],
  [/^control/, '--control'],
  [/^workers/, '--workers'],
  [/^routes\[0\]\.limits\.message/, '--max-message'],
];

/** A spec without a file, from the options of `holdline up --to URL`. Places in the diagnostics are the options. */
export function quickSpec(options: QuickSpecOptions): Findings<Spec | null, Code> {
  const read = specFromObject({
    ...(options.listen === undefined ? {} : { listen: [options.listen] }),
    control: {
      ...(options.control === undefined ? {} : { address: options.control }),
      ...(options.token === undefined ? {} : { token: options.token }),
    },
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    upstreams: { app: { servers: typeof options.to === 'string' ? [options.to] : [...options.to] } },
    // There is no option for a list of origins, so there is no point in advising one.
    routes: [
      {
        upstream: 'app',
        origins: 'any',
        ...(options.maxMessage === undefined ? {} : { limits: { message: options.maxMessage } }),
      },
    ],
  });
  return {
    value: read.value,
    diagnostics: read.diagnostics.map((diagnostic) => {
      const path = diagnostic.where?.path ?? '';
      const flag = flags.find(([pattern]) => pattern.test(path))?.[1];
      if (flag === undefined) return diagnostic;
      return { ...diagnostic, message: diagnostic.message.replace(path, flag), where: { path: flag } };
    }),
  };
}
