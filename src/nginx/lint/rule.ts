/** What a rule is, what it is given, and what it finds. The runner (lint.ts) turns findings into diagnostics. */

import type { Fix, Related, Severity } from '../../base/diagnostic.ts';
import type { NginxVersion } from '../../base/nginx-version.ts';
import type {
  BackendHeader,
  Effective,
  EffectiveValue,
  HandshakeHeaders,
  Location,
  RequestKind,
  Resolved,
  Scope,
} from '../effective/model.ts';
import type { Unread } from '../effective/unread.ts';
import type { Configuration, Directive, Span, Statement } from '../syntax/tree.ts';
import type { KnownRoute } from './known-route.ts';
import type { WebSocketLocation } from './websocket.ts';

export interface Rule {
  /** `ws001-upgrade-missing`. Stable: people write it in suppressions. */
  readonly id: string;
  /** That of most findings; a finding may carry another. */
  readonly severity: Severity;
  /** What is wrong, in half a sentence. */
  readonly title: string;
  /** The mechanism: why it is a fault. */
  readonly why: string;
  /** What was seen or measured, or the source that says so. */
  readonly evidence: string;
  /** What to do about it. */
  readonly help: string;
  /** An example with exactly this fault. */
  readonly bad: string;
  /** The same, in order. */
  readonly good: string;
  /** Where the examples stand; default: in the server of a whole configuration (example.ts has it). */
  readonly exampleIn?: 'main' | 'http' | 'server';
  /** What the examples need to be told. */
  readonly exampleOptions?: LintOptions;
  /** True for a rule that only speaks when it is asked for by name. */
  readonly optIn?: boolean;
  readonly check: (context: LintContext) => Iterable<Finding>;
}

export interface Finding {
  /** The statement it is about: its words are underlined. */
  readonly at: Statement;
  /** A smaller range of the same file, when one word is the culprit. */
  readonly span?: Span;
  /** What is wrong here, one sentence with the user's own words. */
  readonly message: string;
  readonly severity?: Severity;
  /** Instead of the rule's help, when the case allows to be more exact. */
  readonly help?: string;
  readonly fix?: Fix;
  readonly related?: readonly Related[];
  /** What was not read and could undo the finding: `http`, `conf.d/tuning.conf`. It is then no error. */
  readonly unless?: readonly string[];
  /** The block whose behaviour is at fault, when `at` is elsewhere: a suppression there counts too. */
  readonly about?: Scope;
}

/** What is known of the application, from the command line or a spec. */
export interface LintOptions {
  /** Whose defaults and directives apply. Default: the newest known. */
  readonly target?: NginxVersion;
  /** The longest silence of a healthy connection: the interval of the application's pings, in milliseconds. */
  readonly heartbeatMs?: number;
  /** How many live WebSockets this nginx is to hold. */
  readonly connections?: number;
  /** Paths that are known to carry WebSockets. */
  readonly routes?: readonly KnownRoute[];
  /** Ids (or their first five letters) of the opt-in rules that shall run. */
  readonly optIn?: readonly string[];
  /** What a team has agreed on for rules, by id. */
  readonly levels?: ReadonlyMap<string, RuleLevel>;
  /** Findings of one rule that are kept, 500 unless it says another number. */
  readonly findingsPerRuleMax?: number;
  /** Rules beside those of this package. */
  readonly ownRules?: readonly Rule[];
}

/** `off` keeps a rule quiet, `on` lets an opt-in one speak, a severity is that of all its findings. */
export type RuleLevel = Severity | 'off' | 'on';

export type Doubt = Pick<Finding, 'unless' | 'severity'>;

/** What a rule may ask. Nothing here does input or output, and the same question costs little the second time. */
export interface LintContext {
  readonly configuration: Configuration;
  readonly effective: Effective;
  readonly target: NginxVersion;
  readonly options: LintOptions;
  /** The locations that carry WebSockets, in the order of the text. */
  readonly webSockets: readonly WebSocketLocation[];
  /** The value of a directive in a block, with its provenance. */
  readonly value: (scope: Scope, name: string) => EffectiveValue;
  /** What was not read and could set a directive for a block; empty when nothing could. */
  readonly unread: (scope: Scope, name: string) => readonly Unread[];
  /**
   * Whether a block’s value can be judged: to be spread into a finding, with what could undo it; null when the block
   * itself is in another file, so that nobody can tell.
   */
  readonly doubt: (scope: Scope, name: string) => Doubt | null;
  /** All headers nginx sends to the backend from this location, the defaults included. */
  readonly headers: (location: Location) => readonly BackendHeader[];
  /** What the backend really gets for one kind of request; null where no proxy_pass is. */
  readonly handshake: (location: Location, kind: RequestKind) => HandshakeHeaders | null;
  /**
   * A text with variables, as far as it is constant for one kind of request; `scope` (default: http) is where it
   * stands.
   */
  readonly resolve: (text: string, kind: RequestKind, scope?: Scope) => Resolved;
  /** The interval of pings on this location, or null when nobody said. */
  readonly heartbeatMs: (location: Location) => number | null;
  /** Every statement of that name, in nginx's order. */
  readonly statements: (name: string) => readonly Statement[];
  /** Every scope a statement stands in, blocks that are no scope skipped. */
  readonly scopeOf: (statement: Statement) => Scope;
  /** True when a directive stands in a file that is included at more than one place. */
  readonly isShared: (directive: Directive) => boolean;
}
