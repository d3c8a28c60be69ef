/** Reads what somebody wants imported or compared: an nginx.conf, what nginx -T prints, or Ingresses of Kubernetes. */
import { annotationFates, writeIngresses } from '../../nginx/import/ingress/ingress.ts';
import { diskReader } from '../../nginx/run/disk-reader.ts';
import { memoryReader } from '../../nginx/syntax/reader.ts';
import { type ImportedModel, type ImportSettings, importedFrom } from '../../nginx/toolkit/import.ts';
import { readIngresses } from './ingress-file.ts';
import { type SourceOptions, sourceOf } from './source.ts';

/** A manifest is some kilobytes. */
const manifestBytesMax = 4 * 1024 * 1024;

export function readImport(file: string, { roots, ...settings }: SourceOptions & ImportSettings): ImportedModel {
  const start = diskReader().read(file, manifestBytesMax);
  const text = start.ok ? Buffer.from(start.bytes).toString('utf8') : '';
  const ingresses = readIngresses(text, file);
  if (ingresses.length === 0) return importedFrom(sourceOf(file, { roots }), settings);
  const written = writeIngresses(ingresses);
  const { imported, configuration } = importedFrom(
    { root: file, reader: memoryReader({ [file]: written.text }), context: [] },
    settings,
  );
  return {
    configuration,
    imported: {
      ...imported,
      sources: new Map([[file, text]]),
      fates: annotationFates(written, imported.fates),
      // The lines of the configuration in between are nobody's.
      routesFrom: imported.routesFrom.map((from) => ({
        ...from,
        text: from.text.replace(/:\d+ /, ': '),
        where: { file },
      })),
      diagnostics: imported.diagnostics.flatMap((one) => {
        if (one.code === 'import-lost' || !(one.code.startsWith('import-') || imported.spec === null)) return [];
        const where = written.from.get(one.where?.range?.start.line ?? 0)?.where ?? { file };
        return [{ ...one, where }];
      }),
    },
  };
}
