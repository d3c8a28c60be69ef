// Reads a spec and says what is wrong with it. holdline.yaml is an example's; another file may be named.
import { readSpecFile, renderDiagnostics } from 'holdline';

const file = process.argv[2] ?? new URL('../chat/holdline.yaml', import.meta.url).pathname;
const { value, diagnostics, text } = await readSpecFile(file);
if (diagnostics.length > 0) {
  const sources = new Map(text === null ? [] : [[file, text]]);
  console.log(renderDiagnostics(diagnostics, { colour: false, sources }));
}
console.log(value === null ? 'no spec' : value.routes.map((route) => `${route.name}: ${route.match.path}`).join('\n'));
