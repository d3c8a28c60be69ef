// Puts the small files behind `holdline/nginx` into a few: Node takes most of a millisecond for each file that it
// loads, and 220 of them made that import three times as slow. Each file keeps its place in dist/ and its types; what
// remains there hands on the names from the packed one, so that a value exists once, whichever way it is imported.
import path from 'node:path';
import { rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..');
const src = path.join(root, 'src');
const entry = path.join(src, 'nginx.ts');
/** No room imports from one behind it in this list, so the packed files never form a circle. */
const rooms = ['base', 'plan', 'policy', 'nginx'];

const files = await filesBehind(entry);
const names = new Map(files.map((file) => [path.relative(src, file).slice(0, -'.ts'.length), file]));
const bundle = await rolldown({
  input: Object.fromEntries(names),
  platform: 'node',
  plugins: [{ name: 'stays-in-its-file', resolveId: (id, importer) => outside(id, importer, new Set(files)) }],
});
await bundle.write({
  dir: path.join(root, 'dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'packed/[name].js',
  codeSplitting: {
    groups: rooms.map((room, index) => ({
      name: room,
      priority: rooms.length - index,
      test: (id) => id.startsWith(path.join(src, room) + path.sep),
    })),
  },
});
await bundle.close();

/** What the entry imports, and what that imports; not what is only loaded when it is asked for. */
async function filesBehind(file) {
  const graph = await rolldown({ input: file, platform: 'node' });
  const { output } = await graph.generate({ format: 'esm' });
  await graph.close();
  return output.filter(({ isDynamicEntry }) => !isDynamicEntry).flatMap(({ moduleIds }) => moduleIds);
}

/** A file that is loaded later is left where tsc put it. */
function outside(id, importer, inside) {
  if (!id.startsWith('.') || importer === undefined) return null;
  const file = path.resolve(path.dirname(importer), id);
  if (inside.has(file)) return null;
  return { id: path.join(root, 'dist', `${path.relative(src, file).slice(0, -'.ts'.length)}.js`), external: true };
}
