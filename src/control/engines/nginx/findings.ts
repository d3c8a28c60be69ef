/** What a check of a spec for nginx finds, without starting or writing anything. */
import { type Diagnostic, hasErrors } from '../../../base/diagnostic.ts';
import { HoldlineError } from '../../../base/error.ts';
import { findNginx, readNginxBuild } from '../../../host/nginx-binary.ts';
import { engineConfiguration } from '../../../nginx/run/engine/configuration.ts';
import type { Spec } from '../../../spec/model.ts';

/** Paths that stand in for those of a folder that is not made. */
const nowhere = {
  pidFile: '/nginx.pid',
  connectionsLog: '/connections.log',
  errorLog: '/error.log',
  temporary: '/temp',
};

/** Empty for a spec of the built-in edge. `searchPath`: as in PATH. */
export function engineFindings(spec: Spec, searchPath: string): readonly Diagnostic[] {
  if (spec.engine !== 'nginx') return [];
  const binary = findNginx(searchPath);
  if (binary === null)
    return [new HoldlineError('engine-nginx-missing', 'there is no nginx on this machine').diagnostic()];
  const { diagnostics } = engineConfiguration({
    spec,
    binary,
    build: readNginxBuild(binary),
    prefix: nowhere,
    user: null,
  });
  return [...diagnostics.filter((each) => hasErrors([each])), ...diagnostics.filter((each) => !hasErrors([each]))];
}
