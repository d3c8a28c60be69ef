/** Reading a configuration as a spec, with what the reader found, and places as people count them. */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { validate } from '../facts/validate.ts';
import { importModel } from '../import/import.ts';
import type { Imported } from '../import/model.ts';
import { decoded, placesIn } from '../lint/letters.ts';
import type { Configuration } from '../syntax/tree.ts';
import { type NginxSource, readBytes } from './source.ts';

export interface ImportSettings {
  /** Every location that proxies becomes a route, not only those with WebSockets. Default: false. */
  readonly all?: boolean;
}

export interface ImportedSource extends Imported {
  /** The texts that places are about, by file. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * The spec that the WebSocket locations of a configuration amount to, and what became of each line. A configuration
 * that nginx would not read, or a template, gives no spec. Never throws.
 */
export function importConfiguration(source: NginxSource, settings: ImportSettings = {}): ImportedSource {
  return importedFrom(source, settings).imported;
}

export interface ImportedModel {
  readonly imported: ImportedSource;
  readonly configuration: Configuration;
}

/** The same with what was read, for those who hold it against a running nginx. */
export function importedFrom(source: NginxSource, settings: ImportSettings): ImportedModel {
  const { value: configuration, diagnostics: read } = readBytes(source);
  const found: Diagnostic[] = [...read, ...validate(configuration, {})].filter(({ severity }) => severity === 'error');
  const template = [...configuration.files.values()].find((file) => file.template !== null);
  if (template !== undefined) found.push(templateFinding(template.path, template.template!.engines));
  const places = placesIn(configuration.files.values());
  const isBroken = found.some(({ code }) => blocking.has(code));
  const made = isBroken ? nothing : importModel(configuration, settings);
  const imported: ImportedSource = {
    ...made,
    routesFrom: made.routesFrom.map((from) => ({ ...from, text: decoded(from.text), where: places.where(from.where) })),
    fates: made.fates.map((fate) => ({ ...fate, text: decoded(fate.text), where: places.where(fate.where) })),
    diagnostics: [...found, ...made.diagnostics].map(places.diagnostic),
    sources: places.sources,
  };
  return { imported, configuration };
}

/**
 * With these there is no telling what nginx would do. Directives of modules that are not known are lines like others.
 */
const blocking: ReadonlySet<string> = new Set([
  'nginx-unreadable-file',
  'nginx-unexpected-token',
  'nginx-unexpected-end',
  'nginx-word-too-long',
  'nginx-limit-reached',
  'nginx-include-cycle',
  'import-template',
]);

const nothing: Imported = { spec: null, routesFrom: [], fates: [], requests: [], diagnostics: [] };

function templateFinding(path: string, engines: readonly string[]): Diagnostic {
  const { severity, remedy } = catalogue['import-template'];
  return {
    code: 'import-template',
    severity,
    message: `${path} is a template (${engines.join(', ')}), and what fills it decides what nginx does`,
    where: { file: path },
    help: remedy,
  };
}
