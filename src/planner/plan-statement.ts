/**
 * Owns: the order of planning one SELECT.
 * Does not own: each step (scope, timestamps, restrictions, guard, merge, lookups, shape).
 * Invariants: pure and synchronous; what cannot be read or proved is not pushed; the text that runs is the user's with token edits.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import { hasAggregate } from '../engine/opcodes.js';
import type { BoundParameters, Examination, Folded, Judge, TableUse } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { Conjunct } from '../scan/predicate.js';
import type { Reason } from '../scan/reason.js';
import type { Residual, Scan } from '../scan/scan.js';
import type { Expression, Span } from '../sql/ast.js';
import { applyEdits, printExpression } from '../sql/index.js';
import { createConstants } from './constants.js';
import type { Constants } from './constants.js';
import { derivedRestrictions } from './equalities.js';
import { refusedTerms } from './guard.js';
import { findLookups, isSelector } from './lookups.js';
import { mergeReferences } from './merge.js';
import type { Wanted } from './merge.js';
import { inlined } from './inline-parameters.js';
import { mixupEdits } from './mixups.js';
import { nameKey } from './names.js';
import type { Candidates, Lookup, PlannedScan, StatementPlan } from './plan.js';
import { located } from './positions.js';
import { referencesInside, restrict, termsOf } from './restrictions.js';
import type { Restrictions, Term } from './restrictions.js';
import { readScope } from './scope.js';
import type { StatementScope, TableLookup, TableReference } from './scope.js';
import { readSearches } from './search.js';
import type { Search } from './search.js';
import { candidatesOf, isCount, limitsOf, orderTerms, rowLimit, simpleSelect } from './shape.js';
import type { Limits, ShapeInput, SimpleSelect } from './shape.js';
import { rulesOf } from './soundness.js';
import type { Rules, SoundnessSwitches } from './soundness.js';
import { SqlText } from './sql-text.js';
import { timestampEdits } from './timestamps.js';

export interface PlanInput {
  /** One SELECT, WITH or VALUES as sql/ translated it, folder names resolved. */
  readonly sql: string;
  readonly judge: Judge;
  /** Declaration by name without case; undefined for system and temporary tables. */
  readonly tables: TableLookup;
  readonly parameters: BoundParameters;
  /** False: only what chooses where rows are read is bound. Default true. */
  readonly pushdown?: boolean;
  /** False: no key look-ups but those that choose where rows are read. Default true. */
  readonly lookups?: boolean;
  /** Whether the source can look rows up by this column. Default: never. */
  readonly canLookup?: (table: string, column: string) => boolean;
  /** The user's text and the way back to it, for EXPLAIN and for positions of errors. */
  readonly original?: string;
  readonly toOriginal?: (offset: number) => number;
  /** Test build only. */
  readonly rules?: SoundnessSwitches;
}

/**
 * Plans a SELECT. The mode may still change when the source has answered: see `finishPlan`.
 *
 * @throws ExchangeSqlError from the judge (SYNTAX, UNKNOWN_TABLE, …), BAD_VALUE for a comparison that cannot be normalised,
 * NOT_SUPPORTED for SEARCH out of place. Positions are in `original` if `toOriginal` is given, else in `sql`.
 */
export function planStatement(input: PlanInput): StatementPlan {
  try {
    return new Planning(input).run();
  } catch (error) {
    throw located(error, input.toOriginal);
  }
}

class Planning {
  readonly #input: PlanInput;
  readonly #rules: Rules;
  readonly #pushdown: boolean;

  constructor(input: PlanInput) {
    this.#input = input;
    this.#rules = rulesOf(input.rules);
    this.#pushdown = input.pushdown ?? true;
  }

  run(): StatementPlan {
    const { judge, sql, original, toOriginal } = this.#input;
    const first = judge.examine(sql);
    if (first.readsRowid) throw new ExchangeSqlError('UNKNOWN_COLUMN', 'rowid is not offered: it would show the order in which rows arrived.', { hint: 'Use the key column, e.g. id.' });
    const given = new SqlText(sql);
    const slice = (span: Span): string => (original === undefined || toOriginal === undefined ? given.slice(span) : original.slice(toOriginal(span.start), toOriginal(span.end)));
    const { searches, edits } = this.#edits(given, first, slice);
    if (edits.length === 0) return this.#plan(given, first, first, searches, slice);
    const edited = applyEdits(sql, edits);
    return this.#plan(new SqlText(edited.text), judge.examine(edited.text), first, searches, ({ start, end }) => slice({ start: edited.toOriginal(start), end: edited.toOriginal(end) }));
  }

  /** SEARCH is taken out, and what is compared with a timestamp is wrapped. */
  #edits(given: SqlText, examination: Examination, shown: (span: Span) => string): { readonly searches: readonly Search[]; readonly edits: ReturnType<typeof timestampEdits> } {
    const scope = this.#scope(given, examination);
    const constants = this.#constants(given);
    const fold = foldOf(constants);
    const { searches, edits } = readSearches({ scope, tokens: given.tokens, read: given.read, fold, shown });
    const normal = (expression: Expression, digits: number): Folded | undefined => fold({ kind: 'function', name: 'xs_ts', args: [expression, { kind: 'literal', type: 'integer', text: String(digits), span: expression.span }], star: false, distinct: false, over: false, span: expression.span, nameSpan: expression.span });
    const input = { scope, tables: this.#input.tables, read: given.read, fold };
    return { searches, edits: [...edits, ...mixupEdits(input), ...timestampEdits({ ...input, normal })] };
  }

  #scope(text: SqlText, examination: Examination): StatementScope {
    const { judge, tables } = this.#input;
    const temporary = new Set(examination.tables.filter(({ schema }) => schema === 'temp').map(({ table }) => nameKey(table)));
    return readScope({ text: text.text, skeleton: text.skeleton, judge, tables, temporary, rules: this.#rules });
  }

  #constants(text: SqlText): Constants {
    const { judge, parameters } = this.#input;
    return createConstants({ judge, parameters, placeholders: text.placeholders(), rules: this.#rules, print: (expression) => print(expression, text.text) });
  }

  #plan(text: SqlText, examination: Examination, named: Examination, searches: readonly Search[], shown: (span: Span) => string): StatementPlan {
    const scope = this.#scope(text, examination);
    const constants = this.#constants(text);
    const terms = termsOf(scope, text.readTerm);
    const { virtual, local } = this.#uses(examination);
    const shape: ShapeInput = { scope, examination, judge: this.#input.judge, rules: this.#rules, read: text.read, fold: foldOf(constants) };
    const limits = limitsOf(shape);
    const seen = new Set(scope.references.map(({ declaration }) => declaration.name));
    // A table the skeleton does not show (in a view): nothing is known of how the statement uses its tables.
    const readable = (!scope.hidden && !text.namesTableInExpression() && virtual.every(({ table }) => seen.has(table))) || !this.#rules('unseenReference');
    const proved = readable ? this.#proved(scope, terms, constants, examination) : undefined;
    const wanted = (table: string): readonly Wanted[] => scope.references.filter(({ declaration }) => declaration.name === table).map((reference) => this.#wanted(reference, proved, searches, terms, limits, scope, shown));
    const scans = virtual.map((use, id): Scan => {
      const references = scope.references.filter(({ declaration }) => declaration.name === use.table);
      const merged = readable ? mergeReferences(wanted(use.table), this.#rules) : { conjuncts: searchConjuncts(references, searches), residuals: terms.map(({ span }): Residual => ({ sql: shown(span), reason: 'unseen-reference' })) };
      return { id, table: use.table, reference: references.length === 1 ? references[0]!.name : use.table, columns: use.columns, ...merged };
    });
    return this.#assemble(text, examination, named, scans, local, limits, shape, proved?.live ?? [], shown);
  }

  #uses(examination: Examination): { readonly virtual: readonly TableUse[]; readonly local: StatementPlan['localTables'] } {
    const virtual: TableUse[] = [];
    const local: { schema: string; table: string }[] = [];
    for (const use of examination.tables) {
      const declaration = use.schema === 'main' ? this.#input.tables(use.table) : undefined;
      if (declaration === undefined) local.push({ schema: use.schema, table: use.table });
      else virtual.push({ ...use, table: declaration.name });
    }
    return { virtual, local };
  }

  /** Restrictions whose reading the bytecode confirmed. */
  #proved(scope: StatementScope, terms: readonly Term[], constants: Constants, examination: Examination): Restrictions & { readonly live: readonly Term[] } {
    const all = restrict({ scope, terms, constants, rules: this.#rules, aggregates: hasAggregate(examination.program) });
    const used = new Set([...all.restrictions, ...all.unneeded].map(({ term }) => term));
    const joins = terms.filter(({ expression }) => expression !== undefined && (expression.kind === 'in' || expression.kind === 'subquery' || expression.kind === 'binary'));
    const refused = refusedTerms([...new Set([...used, ...joins])], { text: scope.text, program: examination.program, judge: this.#input.judge, rules: this.#rules });
    const live = terms.filter((term) => !refused.has(term));
    const restrictions = all.restrictions.filter(({ term }) => !refused.has(term));
    const lost = all.restrictions.filter(({ term }) => refused.has(term)).map(({ term, reference }) => ({ term, reference, reason: 'guard-refused' as const }));
    return {
      live,
      restrictions: [...restrictions, ...derivedRestrictions({ scope, terms: live, restrictions, rules: this.#rules })],
      leftovers: [...all.leftovers, ...lost],
      unneeded: all.unneeded.filter(({ term }) => !refused.has(term)),
    };
  }

  #wanted(reference: TableReference, proved: Restrictions | undefined, searches: readonly Search[], terms: readonly Term[], limits: Limits, scope: StatementScope, shown: (span: Span) => string): Wanted {
    const conjuncts: Conjunct[] = [...searchConjuncts([reference], searches)];
    const residuals: Residual[] = [];
    for (const { term, predicates, complete, reference: own } of proved?.restrictions ?? []) {
      if (own !== reference) continue;
      const sql = shown(term.span);
      for (const predicate of predicates) {
        const column = 'column' in predicate ? reference.declaration.columns.find(({ name }) => name === predicate.column) : undefined;
        if (this.#pushdown || (column !== undefined && isSelector(column)) || this.#choosesWindow(column, reference)) conjuncts.push({ predicate, complete, sql });
        else if (!residuals.some((known) => known.sql === sql)) residuals.push({ sql, reason: 'pushdown-off', predicate });
      }
    }
    for (const { term, reference: own, reason } of proved?.leftovers ?? []) if (own === reference) residuals.push({ sql: shown(term.span), reason });
    const never = (sql: string): Conjunct => ({ predicate: { kind: 'never' }, complete: true, sql });
    const empty = proved?.unneeded.find(({ reference: own }) => own === reference);
    const cut = limits.kind === 'rows' && limits.limit === 0 && referencesInside(scope.root).includes(reference) ? scope.root.skeleton.limit : undefined;
    return { reference, conjuncts, residuals, unneeded: cut !== undefined ? never(shown(cut.span)) : empty === undefined ? undefined : never(shown(empty.term.span)) };
  }

  /** A calendar view must have its window from somewhere, with pushdown off as well. */
  #choosesWindow(column: ColumnDeclaration | undefined, { declaration: { shape } }: TableReference): boolean {
    const windowed = shape.kind === 'window' || (shape.kind === 'children' && shape.window === true);
    return windowed && column !== undefined && (column.filter?.eq?.as === 'window' || column.filter?.range?.as === 'window');
  }

  #assemble(text: SqlText, examination: Examination, named: Examination, scans: readonly Scan[], localTables: StatementPlan['localTables'], limits: Limits, shape: ShapeInput, live: readonly Term[], shown: (span: Span) => string): StatementPlan {
    const columns = examination.columns.map((column, index) => ({ ...column, name: named.columns[index]?.name ?? column.name }));
    const base = { sql: text.text, columns, localTables };
    const isEmpty = ({ conjuncts }: Scan): boolean => conjuncts.some(({ predicate }) => predicate.kind === 'never');
    if (scans.every(isEmpty)) return { ...base, scans: scans.map((scan) => ({ scan, lookups: [] })), mode: 'constant' };
    const simple = simpleSelect(shape);
    if (simple !== undefined && scans.length === 1) return { ...base, mode: 'staged', ...this.#single(scans[0]!, simple, limits, shape) };
    const lookups = this.#lookups(scans, live, shape, shown);
    const limitReason: { limitReason?: Reason } = limits.kind === 'rows' ? { limitReason: 'statement-shape' } : {};
    return { ...base, mode: 'staged', scans: scans.map((scan) => ({ ...withLookups(scan, isEmpty(scan) ? [] : (lookups.get(scan.id) ?? [])), ...limitReason })) };
  }

  /** One SELECT over one table: order, limit, count, and running without staging. */
  #single(scan: Scan, simple: SimpleSelect, limits: Limits, shape: ShapeInput): { readonly scans: readonly PlannedScan[]; readonly candidates?: Candidates } {
    const represented = scan.residuals.length === 0 && scan.conjuncts.every(({ complete }) => complete);
    const order = simple.plain ? orderTerms(simple, shape) : undefined;
    const isOrdered = shape.scope.root.skeleton.orderBy.length > 0;
    const limit = rowLimit(limits);
    const limitReason: Reason | undefined = limit === undefined ? undefined : !simple.plain ? 'statement-shape' : !represented && this.#rules('limitAllExact') ? 'not-all-exact' : order === undefined ? 'order-is-local' : undefined;
    const count = isCount(simple, shape);
    const complete: Scan = {
      ...scan,
      ...(isOrdered && order !== undefined ? { order } : {}),
      ...(limit === undefined || limitReason !== undefined ? {} : { limit }),
      ...(count && represented ? { countOnly: true } : {}),
    };
    const ways = candidatesOf(simple, limits, scan.columns, shape);
    const usable = ways === undefined || (isOrdered && order === undefined) ? undefined : ways;
    const scans: readonly PlannedScan[] = [{ scan: complete, lookups: [], ...(limitReason === undefined ? {} : { limitReason }) }];
    if (count && represented) return { scans, candidates: { count, ordered: false, represented } };
    return usable === undefined ? { scans } : { scans, candidates: { count: false, represented, ...usable } };
  }

  #lookups(scans: readonly Scan[], live: readonly Term[], shape: ShapeInput, shown: (span: Span) => string): ReturnType<typeof findLookups> {
    const { judge, tables, canLookup, lookups = true } = this.#input;
    if (canLookup === undefined) return new Map();
    const byTable = new Map(scans.map((scan) => [scan.table, scan]));
    return findLookups({
      scope: shape.scope,
      terms: live,
      examination: shape.examination,
      judge,
      tables,
      rules: this.#rules,
      scanOf: (table) => byTable.get(table)?.id,
      conjunctsOf: (table) => byTable.get(table)?.conjuncts ?? [],
      canLookup,
      shown,
      inlined: (text, start) => inlined(text, start, shape.scope.text, this.#input.parameters),
      selectorsOnly: !this.#pushdown || !lookups,
    });
  }
}

/** A term that is looked up is not left over. */
function withLookups(scan: Scan, lookups: readonly Lookup[]): PlannedScan {
  const residuals = scan.residuals.filter(({ sql, reason }) => !((reason === 'compares-columns' || reason === 'subquery' || reason === 'correlated') && lookups.some((lookup) => lookup.sql === sql)));
  return { scan: { ...scan, residuals }, lookups };
}

const foldOf =
  (constants: Constants) =>
  (expression: Expression): Folded | undefined => {
    const folded = constants.fold(expression);
    return typeof folded === 'string' ? undefined : folded;
  };

/** Calls are printed by their parts, because a call made here has no text of its own. */
function print(expression: Expression, text: string): string {
  if (expression.kind === 'function' && expression.name === 'xs_ts' && expression.nameSpan === expression.span) return `xs_ts(${expression.args.map((arg) => print(arg, text)).join(', ')})`;
  return printExpression(expression, text);
}

function searchConjuncts(references: readonly TableReference[], searches: readonly Search[]): readonly Conjunct[] {
  return searches.filter(({ ordinal }) => references.some((reference) => reference.ordinal === ordinal)).map(({ text, sql }) => ({ predicate: { kind: 'search', text }, complete: true, sql }));
}
