/** TypeScript to JavaScript, a file at a time, for Nodes that do not strip types by themselves. Nothing is type-checked: that is the editor's. */
import type TypeScript from 'typescript';

export interface Transpiled {
  readonly code: string;
  /** As the file names them. */
  readonly imports: readonly string[];
}

/** Throws SyntaxError with the place in its message. */
export async function transpile(path: string, source: string): Promise<Transpiled> {
  const ts = await compiler();
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

/** Some 50 MB and a second on a slow machine: only whoever has TypeScript to transpile loads it. */
async function compiler(): Promise<typeof TypeScript> {
  return (await import('typescript')).default;
}
