import { z } from 'zod';
import type { Parsed } from '../../base/units.ts';
import type { HeaderRulesSpec } from '../model.ts';
import { type HeaderTemplate, parseTemplate } from '../value/header-template.ts';
import { parseHeaderName, parseMatchPath, quotedText } from '../value/safe-text.ts';
import { block, oneOrMore } from './block.ts';
import { type Kind, leaf, text } from './leaf.ts';

const path = text('a path such as /app', parseMatchPath);

/** A path alone is what people write who mean match.path. */
const misplaced: Kind<never, never> = {
  expected: 'a block such as { strip: /app }',
  json: { not: {} },
  read: (value) =>
    typeof value === 'string'
      ? {
          ok: false,
          problem: 'the path that a route matches stands under match; path says what the server is asked for',
        }
      : null,
};

export const pathSchema = z.union([
  leaf(misplaced),
  block({
    strip: leaf(path).optional().describe('Taken off the beginning of the path.'),
    prefix: leaf(path).optional().describe('Put in front of the path.'),
    replace: leaf(path).optional().describe('Put in place of match.path.'),
  }),
]);

/** Those of the hop, of the handshake or of the body: changing them would break what the edge itself says. */
const untouchable =
  /^(?:connection|upgrade|keep-alive|proxy-connection|te|trailer|transfer-encoding|content-length|sec-websocket-.*)$/;

function parseOwnName(written: string): Parsed<string> {
  const read = parseHeaderName(written);
  if (!read.ok) return read;
  if (read.value.startsWith('sec-websocket-protocol'))
    return {
      ok: false,
      problem: `${quotedText(written)} is a part of the handshake; subprotocol adds and removes subprotocols`,
    };
  return untouchable.test(read.value)
    ? {
        ok: false,
        problem: `${quotedText(written)} belongs to the handshake or to the body, which are the edge’s to write`,
      }
    : read;
}

const template: Kind<string | number, HeaderTemplate> = {
  expected: 'the value of a header',
  json: { type: ['string', 'number'] },
  read: (value) => (typeof value === 'string' || typeof value === 'number' ? parseTemplate(String(value)) : null),
};

/** Far more than anybody writes, and the head still fits into what servers take. */
const headersMax = 64;

/** Header names with their values. */
function values(what: string) {
  return z
    .record(z.string(), leaf(template))
    .transform((written, context): HeaderRulesSpec['set'] => {
      const entries = Object.entries(written);
      if (entries.length > headersMax)
        context.addIssue({ code: 'custom', message: `holds more than ${headersMax} headers`, input: written });
      for (const [name] of entries) {
        const read = parseOwnName(name);
        if (!read.ok) context.addIssue({ code: 'custom', message: read.problem, path: [name], input: name });
      }
      return entries;
    })
    .describe(what);
}

const names = oneOrMore(leaf(text('the name of a header', parseOwnName)));

const rules = block({
  set: values('Headers in place of those that came.').optional(),
  add: values('Headers beside those that came.').optional(),
  remove: names.optional().describe('Headers that are not passed on.'),
});

export const headersSchema = block({
  toServer: rules.optional().describe('Of requests, on the way to the server.'),
  toClient: rules.optional().describe('Of answers, on the way to the client.'),
});

function parseSubprotocol(written: string, pattern: RegExp): Parsed<string> {
  return pattern.test(written) && written.length <= 256
    ? { ok: true, value: written }
    : { ok: false, problem: `${quotedText(written)} is not the name of a subprotocol` };
}

export const subprotocolSchema = block({
  add: leaf(text('the name of a subprotocol', (written) => parseSubprotocol(written, /^[!#$%&'*+\-.^_`|~\w]+$/)))
    .optional()
    .describe('Offered to the server, whether the client offers it or not.'),
  remove: oneOrMore(
    leaf(text('the name of a subprotocol', (written) => parseSubprotocol(written, /^[!#$%&'*+\-.^_`|~\w]+\*?$/))),
  )
    .optional()
    .describe('Not offered to the server; bearer.* means all that begin so.'),
});
