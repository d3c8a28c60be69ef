import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Pair, parseDocument } from 'yaml';
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic, Range } from '../../base/diagnostic.ts';
import { finding, type SpecPath } from '../finding.ts';
import { lineIndex } from '../line-index.ts';
import { quotedText } from '../value/safe-text.ts';
import { isDeeperThan } from './depth.ts';
import { type ScalarFault, scalarFault } from './scalar.ts';
import { describeYamlError } from './words.ts';

/** A text as YAML: its value, and where in the text every part of the value stands. */
export interface YamlSource {
  /** Whether there is a value at all; a text with faults in single places still has one. */
  readonly readable: boolean;
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic<Code>[];
  /** The range of a key or value; of the nearest thing around it when it is not there. */
  readonly rangeOf: (path: SpecPath, part: 'key' | 'value') => Range;
}

/**
 * A spec of a thousand routes is 150 kB. The YAML parser takes seconds for a mebibyte of odd text, so that is not let
 * in.
 */
const textLengthMax = 262_144;
/** The deepest setting is 7 levels down; recursion over the tree stays far from the end of the stack. */
const depthMax = 64;
/** How often aliases may be followed, all expansions counted: what stands between us and the billion laughs. */
const aliasCountMax = 100;

export function readYaml(text: string, file: string): YamlSource {
  const lines = lineIndex(text);
  const whole = lines.range(0, 0);
  const refuse = (code: Code, message: string, range: Range = whole): YamlSource => ({
    readable: false,
    value: undefined,
    diagnostics: [finding(code, message, { where: { file, range } })],
    rangeOf: () => whole,
  });
  if (text.length > textLengthMax)
    return refuse('spec-too-large', `the spec is longer than ${textLengthMax} characters`);

  if (isDeeperThan(text, depthMax))
    return refuse('spec-too-large', `the spec is nested more than ${depthMax} levels deep`);

  let document: Document;
  try {
    document = parseDocument(text, {
      version: '1.2',
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
      merge: true,
      logLevel: 'error',
    });
  } catch (error) {
    // The parser is not ours: whatever it throws is about this text, and belongs to whoever wrote it.
    return refuse(
      'spec-yaml-syntax',
      `the YAML parser gave up: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  // What comes after the first few is nearly always a consequence of them.
  const said = new Set<string>();
  const syntax = [...document.errors, ...document.warnings].slice(0, 3).flatMap((error) => {
    const { code, message } = describeYamlError(error);
    if (said.has(message)) return [];
    said.add(message);
    return [finding(code, message, { where: { file, range: lines.range(error.pos[0], error.pos[1]) } })];
  });
  if (syntax.length > 0) return { readable: false, value: undefined, diagnostics: syntax, rangeOf: () => whole };
  if (document.directives?.yaml.version === '1.1')
    return refuse(
      'spec-yaml-ambiguous',
      'the spec declares YAML 1.1, where off is false and 010 is 8; Holdline reads YAML 1.2',
      lines.range(text.indexOf('%YAML'), text.indexOf('%YAML') + '%YAML 1.1'.length),
    );

  const faults = walk(document);
  const rangeOf = (path: SpecPath, part: 'key' | 'value'): Range => {
    const [start, end] = spanOf(document, path, part);
    return lines.range(start, end);
  };
  const diagnostics = faults.map((fault) =>
    finding(fault.code, fault.message, { where: { file, range: lines.range(fault.span[0], fault.span[1]) } }),
  );
  if (faults.some(({ code }) => code === 'spec-too-large' || code === 'spec-yaml-syntax'))
    return { readable: false, value: undefined, diagnostics, rangeOf };
  try {
    return { readable: true, value: document.toJS({ maxAliasCount: aliasCountMax }), diagnostics, rangeOf };
  } catch (error) {
    // The two ways in which an expansion fails: too many aliases, or an alias that has no anchor or contains itself.
    const reason = error instanceof Error ? error.message : String(error);
    return refuse('spec-too-large', `the aliases in the spec could not be followed: ${reason}`);
  }
}

interface Fault extends ScalarFault {
  readonly span: Span;
}

type Span = readonly [start: number, end: number];

/** Duplicate keys, nesting and numbers that YAML versions disagree about; at most 20, since more help nobody. */
function walk(document: Document): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  const visit = (node: unknown, depth: number): void => {
    if (faults.length >= 20) return;
    if (depth > depthMax) {
      faults.push({
        code: 'spec-too-large',
        message: `the spec is nested more than ${depthMax} levels deep`,
        span: nodeSpan(node),
      });
      return;
    }
    if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const pair of node.items) {
        const key = keyText(pair);
        if (faults.length >= 20) return;
        if (key !== '<<' && seen.has(key))
          faults.push({
            code: 'spec-duplicate-key',
            message: `${quotedText(key)} stands twice in this block`,
            span: nodeSpan(pair.key),
          });
        seen.add(key);
        visit(pair.value, depth + 1);
      }
    } else if (isSeq(node)) {
      for (const item of node.items) visit(isPair(item) ? item.value : item, depth + 1);
    } else if (isScalar(node)) {
      const fault = scalarFault(node);
      if (fault !== null) faults.push({ ...fault, span: nodeSpan(node) });
    } else if (isAlias(node) && !anchors.has(node.source)) {
      const message = `no anchor &${node.source} stands before this alias`;
      faults.push({ code: 'spec-yaml-syntax', message, span: nodeSpan(node) });
    }
  };
  visit(document.contents, 0);
  return faults;
}

/**
 * Follows a path through the tree. A key is passed over where the node is no block, and an index where it is no list:
 * short forms leave them out, so that `origins.allow[0]` of `origins: [x]` is x. Otherwise the search ends at what is
 * around it.
 */
function spanOf(document: Document, path: SpecPath, part: 'key' | 'value'): Span {
  let node: unknown = document.contents;
  let span: Span = firstSpan(node);
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const wantsKey = part === 'key' && index === path.length - 1;
    if (isMap(node)) {
      if (typeof segment === 'number') continue;
      const pair = pairOf(document, node, segment, 0);
      if (pair === undefined) return span;
      span = wantsKey || pair.value === null ? nodeSpan(pair.key) : nodeSpan(pair.value);
      // A block's own span covers everything in it; its key is what the eye looks for.
      if (!wantsKey && (isMap(pair.value) || isSeq(pair.value)) && !isFlow(pair.value)) span = nodeSpan(pair.key);
      if (isScalar(pair.value) && pair.value.source === '') span = nodeSpan(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      const item: unknown = node.items[segment];
      if (item === undefined) return span;
      node = isPair(item) ? item.value : item;
      span = firstSpan(node);
    }
  }
  return span;
}

/**
 * The pair of a key, looked for in what is merged in (`<<: *base`) as well. Aliases that go round in circles end at the
 * depth bound.
 */
function pairOf(document: Document, node: unknown, key: string, depth: number): Pair | undefined {
  if (isAlias(node)) return depth > depthMax ? undefined : pairOf(document, node.resolve(document), key, depth + 1);
  if (isSeq(node)) {
    for (const item of node.items) {
      const found = depth > depthMax ? undefined : pairOf(document, item, key, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isMap(node)) return undefined;
  const own = node.items.find((pair) => keyText(pair) === key);
  if (own !== undefined) return own;
  const merged = node.items.find((pair) => keyText(pair) === '<<');
  return merged === undefined || depth > depthMax ? undefined : pairOf(document, merged.value, key, depth + 1);
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function isFlow(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true;
}

/** Of a block in several lines only its first key, of anything else all of it. */
function firstSpan(node: unknown): Span {
  if (isMap(node) && !isFlow(node) && node.items[0] !== undefined) return nodeSpan(node.items[0].key);
  if (isSeq(node) && !isFlow(node) && node.items[0] !== undefined) return firstSpan(node.items[0]);
  return nodeSpan(node);
}

function nodeSpan(node: unknown): Span {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range ? [range[0]!, range[1]!] : [0, 0];
}
