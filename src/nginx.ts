/**
 * nginx's language: reading, printing, what a location really gets, linting and mending, explaining, generating,
 * verifying. Nothing here touches the disk but `diskReader` and `verify`, and nothing throws but `verify`.
 */
export type { Diagnostic, Edit, Findings, Fix, Position, Range, Related, Severity, Where } from './base/diagnostic.ts';
export type { NginxVersion } from './base/nginx-version.ts';
export { formatVersion, readVersion, versionNewest } from './base/nginx-version.ts';
export { describe as describeLocation } from './nginx/effective/describe.ts';
export { backendHandshakeHeaders as handshakeHeaders, backendHeaders } from './nginx/effective/headers.ts';
export type { Located } from './nginx/effective/locate.ts';
export { locate } from './nginx/effective/locate.ts';
export type * from './nginx/effective/model.ts';
export { valueIn } from './nginx/effective/values.ts';
export { factsOf as directiveFacts } from './nginx/facts/directives.ts';
export type { DirectiveFacts } from './nginx/facts/facts.ts';
export type { GeneratedFile } from './nginx/generate/files.ts';
export type { SiteFindings, SiteRequest } from './nginx/generate/planned.ts';
export type { Remarks } from './nginx/generate/render.ts';
export type { Form, Site, SitePaths } from './nginx/generate/site.ts';
export type {
  Fate,
  Imported,
  ImportedRoute,
  ImportedSpec,
  ImportedUpstream,
  ProvedRequest,
} from './nginx/import/model.ts';
export type { Explanation, KnownAnswer } from './nginx/knowledge/explanation.ts';
export type { AppliedFix, TakenBackFix } from './nginx/lint/fixes/run.ts';
export type { KnownRoute } from './nginx/lint/known-route.ts';
export type { LintDiagnostic, LintReport, SuppressedFinding } from './nginx/lint/lint.ts';
export type { Finding, LintContext, LintOptions, Rule } from './nginx/lint/rule.ts';
export { rules } from './nginx/lint/rules.ts';
export { diskReader } from './nginx/run/disk-reader.ts';
export type { VerifyResult } from './nginx/run/verify/check.ts';
export type { PathRoot, ReadConfiguration, ReadOptions } from './nginx/syntax/configuration.ts';
export type { EditedText } from './nginx/syntax/edits.ts';
export { applyEdits } from './nginx/syntax/edits.ts';
export type { SyntaxLimits } from './nginx/syntax/limits.ts';
export type { ParsedFile, ParseOptions } from './nginx/syntax/parser.ts';
export { parse } from './nginx/syntax/parser.ts';
export { print } from './nginx/syntax/printer.ts';
export type { ConfigReader, ReadOutcome } from './nginx/syntax/reader.ts';
export { memoryReader } from './nginx/syntax/reader.ts';
export type { NginxCode } from './nginx/syntax/report.ts';
export type * from './nginx/syntax/tree.ts';
export { explain } from './nginx/toolkit/explain.ts';
export type { GeneratedSite, GenerateSettings } from './nginx/toolkit/generate.ts';
export { generateFor as generate } from './nginx/toolkit/generate.ts';
export type { ImportedSource, ImportSettings } from './nginx/toolkit/import.ts';
export { importConfiguration } from './nginx/toolkit/import.ts';
export type { ChangedFile, FixedSource, FixOptions, LintedSource } from './nginx/toolkit/lint.ts';
export { fixSource as fix, lintSource as lint } from './nginx/toolkit/lint.ts';
export type { NginxFiles, NginxSource } from './nginx/toolkit/source.ts';
export { effectiveOf as effective, readNginx as read } from './nginx/toolkit/source.ts';
export { verify } from './nginx/toolkit/verifier.ts';
export type { Verification, VerifyOptions } from './nginx/toolkit/verify.ts';
