/** Reads the Ingresses of a YAML file, as kubectl takes it or prints it. */
import { isMap, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Where } from '../../base/diagnostic.ts';
import type { Ingress, IngressAnnotation, IngressPath } from '../../nginx/import/ingress/ingress.ts';

interface WrittenPath {
  readonly path?: string;
  readonly pathType?: string;
  readonly backend?: {
    readonly service?: { readonly name?: string; readonly port?: { readonly number?: number; readonly name?: string } };
  };
}

interface WrittenManifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: {
    readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths?: readonly WrittenPath[] } }[];
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  };
}

/** Empty when the text is no manifest with an Ingress in it. */
export function readIngresses(text: string, file: string): readonly Ingress[] {
  if (!/^\s*["']?kind["']?:\s*["']?Ingress\b/m.test(text)) return [];
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter });
  return [...documents].flatMap((document) => {
    if ('empty' in document || document.errors.length > 0) return [];
    const manifest = document.toJS({ maxAliasCount: 10 }) as WrittenManifest | null;
    if (manifest?.kind !== 'Ingress') return [];
    const annotations = document.getIn(['metadata', 'annotations']);
    const pairs = isMap(annotations) ? annotations.items : [];
    const where = (offset: number): Where => {
      const { line, col } = lineCounter.linePos(offset);
      const start = { line, column: col, offset };
      return { file, range: { start, end: start } };
    };
    return [
      {
        name: String(manifest.metadata?.name ?? ''),
        where: where(document.range[0]),
        namespace: String(manifest.metadata?.namespace ?? 'default'),
        annotations: pairs.flatMap(({ key, value }): IngressAnnotation[] =>
          isScalar(key) && isScalar(value)
            ? [{ name: String(key.value), value: String(value.value), where: where(key.range?.[0] ?? 0) }]
            : [],
        ),
        rules: (manifest.spec?.rules ?? []).map(({ host, http }) => ({
          host: host ?? null,
          paths: (http?.paths ?? []).map(pathOf),
        })),
        tls: (manifest.spec?.tls ?? []).flatMap(({ hosts = [], secretName }) =>
          secretName === undefined ? [] : [{ hosts, secret: secretName }],
        ),
      },
    ];
  });
}

function pathOf({ path = '/', pathType = 'Prefix', backend }: WrittenPath): IngressPath {
  const { name = '', port } = backend?.service ?? {};
  return { path, pathType, service: name, port: String(port?.number ?? port?.name ?? 80) };
}
