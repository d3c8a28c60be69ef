/** From a spec to the configuration of a supervised nginx, with everything in it that would have no effect. */
import { type Diagnostic, hasErrors } from '../../../base/diagnostic.ts';
import { findVersion, formatVersion, isPlanned, isSince, versionNewest } from '../../../base/nginx-version.ts';
import { readMachineFacts } from '../../../host/machine-facts.ts';
import type { NginxBinary, NginxBuild } from '../../../host/nginx-binary.ts';
import type { NginxPlan } from '../../../plan/nginx/plan.ts';
import type { Spec } from '../../../spec/model.ts';
import { generate } from '../../generate/generate.ts';
import { planSite } from '../../generate/planned.ts';
import { siteDefaults } from '../../generate/site.ts';
import { withoutEffect } from '../../generate/without-effect.ts';
import { withTemporaryFolders } from '../start.ts';
import { lacking } from './needs.ts';
import type { EnginePrefix } from './prefix.ts';

export interface EngineConfiguration {
  readonly text: string;
  readonly plan: NginxPlan;
}

export interface EngineConfigurationRequest {
  /** With absolute paths of certificates. */
  readonly spec: Spec;
  readonly binary: NginxBinary;
  readonly build: NginxBuild;
  readonly prefix: Pick<EnginePrefix, 'pidFile' | 'connectionsLog' | 'errorLog' | 'temporary'>;
  /** Whom the workers run as; null: whoever starts it. */
  readonly user: string | null;
}

/** A null value comes with at least one error. */
export function engineConfiguration(request: EngineConfigurationRequest): {
  readonly value: EngineConfiguration | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { spec, binary, build, prefix, user } = request;
  const missing = lacking(spec, build);
  const planned = planSite(
    spec,
    {
      target: targetOf(binary.version),
      machine: readMachineFacts(),
      site: {
        user,
        // Its port would have to be free; what it tells is in the kernel and in the log.
        status: null,
        tellsOpenings: true,
        paths: {
          ...siteDefaults.paths,
          pid: prefix.pidFile,
          accessLog: prefix.connectionsLog,
          errorLog: prefix.errorLog,
        },
      },
    },
    'whole',
  );
  if (planned.value === null) return { value: null, diagnostics: [...missing, ...planned.diagnostics] };
  const { plan, site } = planned.value;
  const generated = generate({ plan, site, form: 'whole', remarks: 'headings' });
  const diagnostics = [
    ...missing,
    ...planned.diagnostics,
    ...withoutEffect(spec, plan.timeouts.proxyReadTimeout.value),
    ...generated.diagnostics,
  ];
  if (generated.value === null || hasErrors(diagnostics)) return { value: null, diagnostics };
  return {
    value: { plan, text: withTemporaryFolders(generated.value.configuration.text, prefix.temporary) },
    diagnostics,
  };
}

/** A release that is newer than the tables is written for as the newest that they know. */
function targetOf(text: string): string {
  const version = findVersion(text);
  return version !== null && !isPlanned(version) && isSince(version, versionNewest)
    ? formatVersion(versionNewest)
    : text;
}
