/** Changes to a text by ranges. What lies outside of the ranges stays byte for byte. */

import type { Diagnostic, Edit } from '../../base/diagnostic.ts';
import { createReport, type NginxCode } from './report.ts';

export interface EditedText {
  readonly value: string;
  /** The edits that were made, in order of their place. */
  readonly applied: readonly Edit[];
  readonly diagnostics: readonly Diagnostic<NginxCode>[];
}

/**
 * Applies the edits to one file's text. Insertions at the same place come out in the order given, before a replacement
 * that starts there. An edit that overlaps an earlier one, or lies outside the text, is left out and reported.
 */
export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const report = createReport(edits.length);
  const order = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end || a.index - b.index);
  const pieces: string[] = [];
  const applied: Edit[] = [];
  let at = 0;
  for (const { edit } of order) {
    if (!(edit.start >= at && edit.end >= edit.start && edit.end <= text.length)) {
      const message = `the edit of bytes ${edit.start} to ${edit.end} of ${edit.file} cannot be made together with the others`;
      report.add('nginx-edit-overlap', { message, where: { file: edit.file } });
      continue;
    }
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
    applied.push(edit);
  }
  pieces.push(text.slice(at));
  return { value: pieces.join(''), applied, diagnostics: report.diagnostics };
}
