/**
 * Holds the shape of src/: no circles, a name is declared once, literals are written out, files are short, comments
 * fit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join(source, name));
const trees = new Map(
  files.map((file) => [file, ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)]),
);

function importsOf(file: string): string[] {
  return trees.get(file)!.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const specifier = statement.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return [];
    return [path.resolve(path.dirname(file), specifier.text)];
  });
}

/** Files in the order in which they can be understood; what is left over stands in a circle (Kahn's algorithm). */
function inCircles(): string[] {
  const left = new Map(files.map((file) => [file, new Set(importsOf(file).filter((target) => trees.has(target)))]));
  for (let settled = true; settled; ) {
    settled = false;
    for (const [file, targets] of left) {
      if ([...targets].some((target) => left.has(target))) continue;
      left.delete(file);
      settled = true;
    }
  }
  // What only leans on a circle is not part of it.
  for (let settled = true; settled; ) {
    settled = false;
    for (const file of left.keys()) {
      if ([...left.values()].some((targets) => targets.has(file))) continue;
      left.delete(file);
      settled = true;
    }
  }
  return [...left.keys()].map((file) => path.relative(source, file)).toSorted();
}

test('no file leans on itself in a circle, for values or for types', () => {
  expect(inCircles()).toEqual([]);
});

function exportedNames(file: string): string[] {
  return trees.get(file)!.statements.flatMap((statement) => {
    if (!ts.canHaveModifiers(statement)) return [];
    const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
    if (!isExported) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
    const { name } = statement as ts.DeclarationStatement;
    return name === undefined ? [] : [name.getText()];
  });
}

/**
 * Programs of their own, which share no names with the rest: the pages' scripts, and Node's loader, whose names Node
 * sets.
 */
const ownPrograms = ['web/', 'gateway/hooks/loader.ts'];

test('an exported name is declared in one file', () => {
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    const relative = path.relative(source, file);
    if (ownPrograms.some((start) => relative.startsWith(start))) continue;
    for (const name of exportedNames(file)) places.set(name, (places.get(name) ?? new Set()).add(relative));
  }
  const twice = [...places]
    .filter(([, where]) => where.size > 1)
    .map(([name, where]) => `${name}: ${[...where].join(', ')}`);
  expect(twice.toSorted()).toEqual([]);
});

test('an object literal is never spread into another: properties that are misspelt would compile', () => {
  const found: string[] = [];
  for (const [file, tree] of trees) {
    const visit = (node: ts.Node) => {
      if (ts.isSpreadAssignment(node) && ts.isObjectLiteralExpression(withoutBrackets(node.expression)))
        found.push(`${path.relative(source, file)}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  expect(found).toEqual([]);
});

function withoutBrackets(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) ? withoutBrackets(node.expression) : node;
}

const root = path.resolve(source, '..');
const linesMax = 300;
/** All that people write; what scripts write (docs/rules.md, results of benchmarks) is as long as it is. */
const written = ['src', 'test', 'scripts', 'benchmarks', 'examples'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mjs|js|css|html)$/.test(name) && !name.includes('node_modules'))
    .map((name) => path.join(folder, name)),
);

test('no file is longer than 300 lines', () => {
  const long = written
    .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > linesMax);
  expect(written.length).toBeGreaterThan(1000);
  expect(long).toEqual([]);
});
