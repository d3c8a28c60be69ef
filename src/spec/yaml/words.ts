import type { YAMLError } from 'yaml';
import type { Code } from '../../base/catalogue/catalogue.ts';

/** The parser's errors in words for somebody who does not know how YAML works inside. */
const words: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or tag of its own',
  BAD_ALIAS: 'the alias has no usable name, or names an anchor that does not stand before it',
  BAD_DIRECTIVE: 'a line that begins with % is a directive, and this one is not known',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes; a backslash is written \\\\, or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines around it',
  BAD_PROP_ORDER: 'anchors and tags come before the value',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a block cannot be a key; is a line end or some indentation missing before it?',
  BLOCK_IN_FLOW: 'inside [ ] and { } everything stays on the same terms: no indented blocks',
  COMMA_IN_YAML: 'a comma has no meaning here',
  IMPOSSIBLE: 'the YAML parser could not make sense of this',
  KEY_OVER_1024_CHARS: 'the key is longer than 1024 characters; is a quote missing?',
  MISSING_CHAR: 'a character is missing: a bracket, quote, comma, colon, or the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a key has to be on one line; is a colon or a quote missing above?',
  MULTIPLE_ANCHORS: 'a value has one anchor at most',
  MULTIPLE_TAGS: 'a value has one tag at most',
  NON_STRING_KEY: 'a key has to be plain text',
  TAB_AS_INDENT: 'a tab stands in the indentation; YAML indents with spaces only',
  TAG_RESOLVE_FAILED: 'the tag (!name) is not known; a spec needs none',
  UNEXPECTED_TOKEN: 'this does not belong here',
};

export function describeYamlError(error: YAMLError): { code: Code; message: string } {
  if (error.code === 'MULTIPLE_DOCS')
    return { code: 'spec-yaml-syntax', message: 'a second document begins here (---); a spec is one document' };
  if (error.code === 'DUPLICATE_KEY')
    return { code: 'spec-duplicate-key', message: 'the key stands twice in this block' };
  if (error.message.startsWith('Flow '))
    return {
      code: 'spec-yaml-syntax',
      message: 'a [ or { that begins above is not closed, or what is in it is not indented',
    };
  return { code: 'spec-yaml-syntax', message: words[error.code] ?? error.message };
}
