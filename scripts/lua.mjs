// Compiles TypeScript to one Lua file for LuaJIT, which nginx's Lua module runs. Only what the entry needs when it runs
// is compiled: a file of which others take types alone may use what Lua does not have.
import path from 'node:path';
import ts from 'typescript';
import * as tstl from 'typescript-to-lua';

const root = path.resolve(import.meta.dirname, '..');

const options = {
  target: ts.ScriptTarget.ESNext,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  skipLibCheck: true,
  rootDir: root,
  luaTarget: tstl.LuaTarget.LuaJIT,
  luaLibImport: tstl.LuaLibImportKind.RequireMinimal,
  noHeader: true,
  noImplicitSelf: true,
};

/** The Lua of `entry`, a path from the root of the project; throws with what cannot be said in Lua, and where. */
export function luaOf(entry) {
  const file = path.join(root, entry);
  const program = ts.createProgram([file], { ...options, luaBundle: 'bundle.lua', luaBundleEntry: file });
  const problems = ts.getPreEmitDiagnostics(program);
  const needed = neededFiles(program, file).map((name) => program.getSourceFile(name));
  let text = '';
  const { emitSkipped, diagnostics } = new tstl.Transpiler().emit({
    program,
    sourceFiles: needed,
    writeFile: (name, data) => {
      if (name.endsWith('.lua')) text = data;
    },
  });
  // Its warnings are faults, too: they name what means something else in Lua, such as a 0 that counts as true there.
  const all = [...problems, ...diagnostics, ...doubtfulTruths(program, needed)].filter(
    ({ category }) => category !== ts.DiagnosticCategory.Message && category !== ts.DiagnosticCategory.Suggestion,
  );
  if (all.length > 0 || emitSkipped || text === '') throw new Error(said(all));
  return text;
}

/** Files that are reached by imports of values. */
function neededFiles(program, entry) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const statement of program.getSourceFile(name).statements) {
      const specifier = importedValueFrom(statement);
      if (specifier?.startsWith('.')) visit(path.resolve(path.dirname(name), specifier));
    }
  };
  visit(entry);
  return [...found];
}

function importedValueFrom(statement) {
  if (ts.isExportDeclaration(statement) && !statement.isTypeOnly) return statement.moduleSpecifier?.text;
  if (!ts.isImportDeclaration(statement)) return undefined;
  const clause = statement.importClause;
  const named = clause?.namedBindings;
  const typesAlone =
    clause?.isTypeOnly ||
    (named !== undefined && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly));
  return typesAlone ? undefined : statement.moduleSpecifier.text;
}

/** Numbers and texts that are asked whether they are true: 0 and the empty text are, in Lua. */
function doubtfulTruths(program, files) {
  const checker = program.getTypeChecker();
  const found = [];
  const doubtful = (node) => {
    const type = checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    return parts.some(({ flags }) => (flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike)) !== 0);
  };
  const visit = (file, node) => {
    const asked = askedNode(node);
    if (asked !== null && doubtful(asked)) {
      const [start, length] = [asked.getStart(file), asked.getWidth(file)];
      const messageText = 'compare it with something: 0 and the empty text count as true in Lua';
      found.push({ category: ts.DiagnosticCategory.Error, code: 0, file, start, length, messageText });
    }
    node.forEachChild((child) => visit(file, child));
  };
  for (const file of files) visit(file, file);
  return found;
}

const logical = new Set([ts.SyntaxKind.BarBarToken, ts.SyntaxKind.AmpersandAmpersandToken]);

/** The part of a statement or expression that is taken for true or false. */
function askedNode(node) {
  if (ts.isBinaryExpression(node) && logical.has(node.operatorToken.kind)) return node.left;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) return node.operand;
  if (ts.isConditionalExpression(node)) return node.condition;
  return ts.isIfStatement(node) || ts.isWhileStatement(node) ? node.expression : null;
}

function said(diagnostics) {
  const host = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
  return `this cannot be said in Lua:\n${ts.formatDiagnostics(diagnostics, host)}`;
}
