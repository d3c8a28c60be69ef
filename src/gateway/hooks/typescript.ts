/**
 * TypeScript to JavaScript, a file at a time, for Nodes that do not strip types by themselves. Nothing is type-checked:
 * that is the editor's.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type TypeScript from 'typescript';

export interface Transpiled {
  readonly code: string;
  /** As the file names them. */
  readonly imports: readonly string[];
}

/** Rejects with SyntaxError, which has the place in its message, and with `CompilerMissing`. */
export async function transpile(path: string, source: string): Promise<Transpiled> {
  const ts = await compiler(path);
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      // As Node itself strips types: what works here works there.
      verbatimModuleSyntax: true,
      // So that a stack names the lines that the author wrote.
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  const first = diagnostics?.[0];
  if (first !== undefined) {
    const at = first.file?.getLineAndCharacterOfPosition(first.start ?? 0) ?? { line: 0, character: 0 };
    const sentence = ts.flattenDiagnosticMessageText(first.messageText, ' ');
    throw new SyntaxError(`${path}:${at.line + 1}:${at.character + 1}: ${sentence}`);
  }
  const imports = ts.preProcessFile(source, true, true).importedFiles.map((each) => each.fileName);
  return { code: outputText, imports };
}

/**
 * The package `typescript` is an optional peer of ours: only whoever has TypeScript hooks on an older Node needs it.
 */
export class CompilerMissing extends Error {
  readonly code = 'hooks-need-typescript';

  constructor() {
    super(`Node ${process.version} does not run TypeScript by itself, and the package typescript is not installed`);
    this.name = 'CompilerMissing';
  }
}

/** Ours, or that of the project in which the module is. Some 50 MB and a second on a slow machine. */
async function compiler(path: string): Promise<typeof TypeScript> {
  try {
    return (await import('typescript')).default;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    const found = createRequire(path).resolve('typescript');
    return ((await import(pathToFileURL(found).href)) as { readonly default: typeof TypeScript }).default;
  } catch (error) {
    throw isMissing(error) ? new CompilerMissing() : error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
