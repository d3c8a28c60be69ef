/**
 * The script and the style of the page, out of this package and the installed uPlot: everything goes into the one file.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PageAssets {
  readonly style: string;
  /** Each is an element of its own, in this order. */
  readonly scripts: readonly string[];
  readonly policy: string;
}

/** The compiled page. Tests load the sources, and use the build. */
const pageDirectory = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/page/' : '../../page/', import.meta.url),
);
const entry = 'web/bench/main.js';

let assets: PageAssets | null = null;

export function readPageAssets(): PageAssets {
  assets ??= loadAssets();
  return assets;
}

function loadAssets(): PageAssets {
  const { resolve } = createRequire(import.meta.url);
  const installed = (name: string) => readFileSync(resolve(`uplot/dist/${name}`), 'utf8');
  const own = readFileSync(path.join(pageDirectory, 'web/bench/page.css'), 'utf8');
  const style = embeddable(`${installed('uPlot.min.css')}\n${own}`);
  const scripts = [embeddable(installed('uPlot.iife.min.js')), embeddable(linkedModules())];
  return { style, scripts, policy: policyFor(style, scripts) };
}

/** Every module as a function, and the few lines by which they find each other: `tsc` wrote them as CommonJS. */
function linkedModules(): string {
  const names = readdirSync(pageDirectory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  const modules = names.map((name) => {
    const text = readFileSync(path.join(pageDirectory, name), 'utf8');
    return `${JSON.stringify(name.replaceAll(path.sep, '/'))}(exports, require) {\n${text}}`;
  });
  return `(() => {
const modules = {\n${modules.join(',\n')}\n};
const loaded = {};
const load = (name) => {
  if (loaded[name] === undefined) {
    loaded[name] = {};
    modules[name](loaded[name], (other) => load(new URL(other, 'file:///' + name).pathname.slice(1)));
  }
  return loaded[name];
};
load(${JSON.stringify(entry)});
})();`;
}

/** Only these very scripts and this style run; nothing is fetched, from nowhere. */
function policyFor(style: string, scripts: readonly string[]): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/**
 * What would end the element early would be a fault of the package; line ends as the reader of HTML normalises them.
 */
function embeddable(text: string): string {
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new Error('a script or style of the page cannot stand in a page');
  return text.replaceAll('\r\n', '\n');
}
