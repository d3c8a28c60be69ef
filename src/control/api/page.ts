import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';

/** The compiled page. Tests load the sources, and use the build. */
const directory = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/edge-page/' : '../../edge-page/', import.meta.url),
);

/**
 * Scripts and styles of this address and nothing else, nothing inline, no frame around it; and no text becomes markup:
 * the browser refuses what would (Trusted Types), whatever a client has sent.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** On every answer: an error's text or a connection's JSON must not become a page either. */
export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header('Content-Security-Policy', policy);
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', 'no-referrer');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  if (context.res.headers.get('Cache-Control') === null) context.header('Cache-Control', 'no-store');
};

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
};

interface Asset {
  readonly text: string;
  readonly type: string;
}

/** The page and its files, read when the first of them is asked for. */
export function pageRoutes(app: OpenAPIHono): void {
  let files: ReadonlyMap<string, Asset> | null = null;
  const asset = (name: string) => {
    files ??= readFiles();
    return files.get(name);
  };
  app.get('/', (context) => {
    const page = asset('index.html');
    return page === undefined ? context.notFound() : context.body(page.text, 200, { 'Content-Type': page.type });
  });
  app.get('/assets/*', (context) => {
    const found = asset(context.req.path.slice('/assets/'.length));
    if (found === undefined) return context.notFound();
    return context.body(found.text, 200, { 'Content-Type': found.type, 'Cache-Control': 'no-cache' });
  });
}

function readFiles(): ReadonlyMap<string, Asset> {
  const files = new Map<string, Asset>();
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const type = types[path.extname(name)];
    if (type !== undefined)
      files.set(name.replaceAll(path.sep, '/'), { text: readFileSync(path.join(directory, name), 'utf8'), type });
  }
  const { resolve } = createRequire(import.meta.url);
  for (const name of ['uPlot.iife.min.js', 'uPlot.min.css']) {
    const type = types[path.extname(name)]!;
    files.set(`uplot/${name}`, { text: readFileSync(resolve(`uplot/dist/${name}`), 'utf8'), type });
  }
  return files;
}
