/**
 * Owns: finding folder names in a statement (FOLDER('…'), 'inbox' beside a folder-id column) and putting ids in their place.
 * Does not own: resolving a name to an id (the Source does, before the statement is planned).
 * Invariants: pure; parameters stay in the text, so that the others keep their numbers; what is not a known name stays as it is.
 */
import type { BoundParameters, Examination, Folded, Judge } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { FolderKind } from '../scan/source.js';
import type { Expression, Span } from '../sql/ast.js';
import { applyEdits, printExpression } from '../sql/index.js';
import type { Edit, EditedText } from '../sql/index.js';
import { nodesOf, walkExpressions } from '../sql/walk.js';
import { createConstants } from './constants.js';
import { nameKey, writeLiteral } from './names.js';
import { located } from './positions.js';
import { restrict, targetOf, termsOf } from './restrictions.js';
import type { Restrictions, Term } from './restrictions.js';
import { columnOf, readScope, resolve } from './scope.js';
import type { ArmScope, StatementScope, TableLookup, TableReference } from './scope.js';
import { rulesOf } from './soundness.js';
import { SqlText } from './sql-text.js';

export interface FolderInput {
  /** One SELECT as sql/ translated it. */
  readonly sql: string;
  readonly judge: Judge;
  readonly tables: TableLookup;
  readonly parameters: BoundParameters;
  /** From positions in `sql` to those in the user's text, for errors. */
  readonly toOriginal?: (offset: number) => number;
}

/** A folder to resolve. */
export interface FolderName {
  readonly kind: FolderKind;
  /** `/Inbox/Clients`, or a well-known name. */
  readonly name: string;
  /** Mailboxes the statement binds there; empty: the connection's own. */
  readonly mailboxes: readonly string[];
  /** Where the name stands in `sql`. */
  readonly span: Span;
  /** False for a well-known name as a plain text, which stays as it is where there is no such folder. */
  readonly isCall: boolean;
}

interface Site {
  readonly folder: FolderName;
  /** What is replaced by the id: the call, or the constant. */
  readonly span: Span;
  /** Text whose parameters must stay. */
  readonly inner: string | undefined;
  /** The comparison around it, if several ids can take the place of one. */
  readonly place: { readonly kind: 'list' } | { readonly kind: 'comparison'; readonly span: Span; readonly column: Span; readonly negated: boolean } | { readonly kind: 'value' };
}

export interface CollectedFolders {
  readonly folders: readonly FolderName[];
  /** One per folder, for `applyFolderIds`. */
  readonly sites: readonly Site[];
}

/** Well-known names of Microsoft Graph; the catalog's list of MailFolders.wellKnownName is added. */
const MAIL_NAMES = ['archive', 'clutter', 'conflicts', 'conversationhistory', 'deleteditems', 'drafts', 'inbox', 'junkemail', 'localfailures', 'msgfolderroot', 'outbox', 'recoverableitemsdeletions', 'scheduled', 'searchfolders', 'sentitems', 'serverfailures', 'syncissues'];
const CONTACT_NAMES = ['contacts'];

/**
 * Finds every folder name of a statement.
 *
 * @throws ExchangeSqlError BAD_VALUE if FOLDER() is not given one constant text.
 */
export function collectFolderNames(input: FolderInput): CollectedFolders {
  try {
    // Most statements name no folder: the judge is asked only if one could.
    const text = new SqlText(input.sql);
    const sites = mayHaveFolders(text, input) ? new Collector(input, text).run() : [];
    return { folders: sites.map(({ folder }) => folder), sites };
  } catch (error) {
    throw located(error, input.toOriginal);
  }
}

function mayHaveFolders({ tokens }: SqlText, { parameters, tables }: FolderInput): boolean {
  if (tokens.some(({ key }, index) => key === 'FOLDER' && tokens[index + 1]?.key === '(')) return true;
  const names = new Set(wellKnown('mail', tables).concat(CONTACT_NAMES));
  const isName = (value: unknown): boolean => typeof value === 'string' && names.has(value.trim().toLowerCase());
  return tokens.some(({ kind, text }) => kind === 'string' && isName(text.slice(1, -1))) || [...parameters.positional, ...Object.values(parameters.named)].some(isName);
}

function wellKnown(kind: FolderKind, tables: TableLookup): readonly string[] {
  if (kind === 'contact') return CONTACT_NAMES;
  const declared = tables('MailFolders')?.columns.find(({ name }) => name === 'wellKnownName')?.values ?? [];
  return [...MAIL_NAMES, ...declared.map((name) => name.toLowerCase())];
}

/** Whether a text is a well-known folder name of its kind, in any case. */
export const isWellKnownFolder = (kind: FolderKind, name: string, tables: TableLookup): boolean => wellKnown(kind, tables).includes(name.trim().toLowerCase());

class Collector {
  readonly #input: FolderInput;
  readonly #text: SqlText;
  readonly #scope: StatementScope;
  readonly #fold: (expression: Expression) => Folded | undefined;
  readonly #rules = rulesOf();
  readonly #terms: readonly Term[];
  readonly #restrictions: Restrictions;
  readonly #sites: Site[] = [];

  constructor(input: FolderInput, text: SqlText) {
    this.#input = input;
    this.#text = text;
    const examination: Examination = input.judge.examine(input.sql);
    const temporary = new Set(examination.tables.filter(({ schema }) => schema === 'temp').map(({ table }) => nameKey(table)));
    this.#scope = readScope({ text: text.text, skeleton: text.skeleton, judge: input.judge, tables: input.tables, temporary, rules: this.#rules });
    const constants = createConstants({ judge: input.judge, parameters: input.parameters, placeholders: text.placeholders(), rules: this.#rules, print: (expression) => printExpression(expression, text.text) });
    this.#fold = (expression) => {
      const folded = constants.fold(expression);
      return typeof folded === 'string' ? undefined : folded;
    };
    this.#terms = termsOf(this.#scope, text.read);
    this.#restrictions = restrict({ scope: this.#scope, terms: this.#terms, constants, rules: this.#rules, aggregates: true });
  }

  run(): readonly Site[] {
    const calls = new Set<number>();
    walkExpressions(this.#text.skeleton, this.#text.tokens, (expression, site) => {
      const arm = this.#scope.arms.find(({ skeleton }) => skeleton === site.arm) ?? this.#scope.arms[0];
      if (expression === undefined || arm === undefined) return;
      for (const node of nodesOf(expression)) this.#compared(node, arm, calls);
      for (const node of nodesOf(expression)) {
        if (isCall(node) && !calls.has(node.span.start)) this.#call(node, arm, undefined, { kind: 'value' });
      }
    });
    return this.#sites.sort((a, b) => a.span.start - b.span.start);
  }

  /** Comparisons of a folder-id column. */
  #compared(node: Expression, arm: ArmScope, calls: Set<number>): void {
    const pair = pairOf(node);
    if (pair !== undefined) {
      for (const [column, value] of [pair, [pair[1], pair[0]]] as const) {
        const target = this.#folderColumn(column, arm);
        if (target === undefined) continue;
        const negated = node.kind === 'is' ? node.negated !== node.distinct : node.kind === 'binary' && node.op === '<>';
        this.#value(value, target, arm, { kind: 'comparison', span: node.span, column: column.span, negated }, calls);
        return;
      }
    }
    if (node.kind === 'in' && node.list !== undefined) {
      const target = this.#folderColumn(node.operand, arm);
      if (target !== undefined) for (const value of node.list) this.#value(value, target, arm, { kind: 'list' }, calls);
    }
  }

  #folderColumn(expression: Expression, arm: ArmScope): { readonly kind: FolderKind; readonly reference: TableReference | undefined } | undefined {
    if (expression.kind !== 'column') return undefined;
    const target = targetOf(expression, arm, this.#text.text, this.#rules);
    if (typeof target === 'object') return target.base.column.folder === undefined ? undefined : { kind: target.base.column.folder, reference: target.base.reference };
    const found = resolve(expression.path, arm, this.#rules);
    const origin = found.kind === 'column' ? found.column.origin : undefined;
    const declaration = origin === undefined ? undefined : this.#input.tables(origin.table);
    const column = declaration === undefined ? undefined : columnOf(declaration, origin!.column);
    return column?.folder === undefined ? undefined : { kind: column.folder, reference: undefined };
  }

  #value(value: Expression, target: { readonly kind: FolderKind; readonly reference: TableReference | undefined }, arm: ArmScope, place: Site['place'], calls: Set<number>): void {
    if (isCall(value)) {
      calls.add(value.span.start);
      this.#call(value, arm, target, place);
      return;
    }
    const folded = this.#fold(value);
    if (typeof folded?.value !== 'string') return;
    const name = folded.value.trim().toLowerCase();
    if (!wellKnown(target.kind, this.#input.tables).includes(name)) return;
    const folder: FolderName = { kind: target.kind, name, mailboxes: this.#mailboxes(target.reference, arm, value), span: value.span, isCall: false };
    this.#sites.push({ folder, span: value.span, inner: value.kind === 'literal' ? undefined : this.#text.slice(value.span), place });
  }

  #call(node: Extract<Expression, { kind: 'function' }>, arm: ArmScope, target: { readonly kind: FolderKind; readonly reference: TableReference | undefined } | undefined, place: Site['place']): void {
    const argument = node.args[0];
    const folded = node.args.length === 1 && argument !== undefined ? this.#fold(argument) : undefined;
    if (argument === undefined || typeof folded?.value !== 'string' || folded.value.trim() === '') {
      throw new ExchangeSqlError('BAD_VALUE', 'FOLDER takes one constant text.', { position: node.span.start, hint: "Write FOLDER('/Inbox/Clients') or FOLDER('inbox')." });
    }
    const folder: FolderName = { kind: target?.kind ?? 'mail', name: folded.value, mailboxes: this.#mailboxes(target?.reference, arm, node), span: node.span, isCall: true };
    this.#sites.push({ folder, span: node.span, inner: argument.kind === 'literal' ? undefined : this.#text.slice(argument.span), place });
  }

  /** Constants that the table's userId is bound to. */
  #mailboxes(reference: TableReference | undefined, arm: ArmScope, at: Expression): readonly string[] {
    const references = reference === undefined ? arm.items.flatMap((item) => item.reference ?? []) : [reference];
    const mailboxes = new Set<string>();
    for (const one of references) {
      const column = one.declaration.columns.find(({ origin }) => origin === 'mailbox');
      if (column === undefined) continue;
      let bound = false;
      for (const { reference: own, predicates } of this.#restrictions.restrictions) {
        if (own !== one) continue;
        for (const predicate of predicates) {
          const values = predicate.kind === 'in' && predicate.column === column.name ? predicate.values : predicate.kind === 'compare' && predicate.op === 'eq' && predicate.column === column.name ? [predicate.value] : [];
          for (const value of values) if (typeof value === 'string') mailboxes.add(value);
          bound ||= values.length > 0;
        }
      }
      if (!bound && reference !== undefined && this.#isJoined(one, column.name)) {
        throw new ExchangeSqlError('NOT_SUPPORTED', `A folder name cannot be resolved where ${one.declaration.name}.${column.name} comes from a join: each mailbox has its own folders.`, {
          position: at.span.start,
          hint: `Join MailFolders on userId and compare its wellKnownName or path, or bind ${column.name} to constants.`,
        });
      }
    }
    return [...mailboxes];
  }

  #isJoined(reference: TableReference, column: string): boolean {
    return this.#terms.some(({ expression, arm }) => {
      if (expression?.kind !== 'binary' || expression.op !== '=' || expression.left.kind !== 'column' || expression.right.kind !== 'column') return false;
      return [expression.left, expression.right].some((side) => {
        const target = targetOf(side, arm, this.#text.text, this.#rules);
        return typeof target === 'object' && target.base.reference === reference && target.base.column.name === column;
      });
    });
  }
}

const isCall = (node: Expression): node is Extract<Expression, { kind: 'function' }> => node.kind === 'function' && nameKey(node.name) === 'folder';

function pairOf(node: Expression): readonly [Expression, Expression] | undefined {
  if (node.kind === 'binary' && (node.op === '=' || node.op === '<>')) return [node.left, node.right];
  return node.kind === 'is' ? [node.left, node.right] : undefined;
}

/**
 * Puts ids in the place of folder names.
 *
 * @param idsOf the ids of a folder, one per mailbox that has it; undefined: not resolved (EXPLAIN), the name is shown instead.
 * @throws ExchangeSqlError NOT_FOUND for a FOLDER() that no mailbox has.
 */
export function applyFolderIds(sql: string, { sites }: CollectedFolders, idsOf: (folder: FolderName) => readonly string[] | undefined): EditedText {
  return applyEdits(sql, sites.flatMap((site) => edit(site, sql, idsOf(site.folder)) ?? []));
}

function edit({ folder, span, inner, place }: Site, sql: string, resolved: readonly string[] | undefined): Edit | undefined {
  const ids = resolved ?? (folder.isCall ? [folder.name] : []);
  const literals = [...new Set(ids)].map((id) => writeLiteral(id) ?? "''");
  const first = literals[0];
  if (first === undefined) {
    if (!folder.isCall) return undefined;
    const whose = folder.mailboxes.length === 0 ? '' : ` of ${folder.mailboxes.join(', ')}`;
    throw new ExchangeSqlError('NOT_FOUND', `There is no folder ${folder.name}${whose}.`, { position: folder.span.start, hint: 'SELECT path FROM MailFolders lists the folders.' });
  }
  if (literals.length === 1) return { span, replacement: inner === undefined ? first : `coalesce(${first}, ${inner})` };
  const list = `${literals.join(', ')}${inner === undefined ? '' : `, ${inner}`}`;
  if (place.kind === 'list') return { span, replacement: list };
  if (place.kind === 'comparison') return { span: place.span, replacement: `(${sql.slice(place.column.start, place.column.end)} ${place.negated ? 'NOT ' : ''}IN (${list}))` };
  throw new ExchangeSqlError('NOT_SUPPORTED', `FOLDER('${folder.name}') stands for several folders here, one per mailbox.`, { position: span.start, hint: 'Compare it with a folder-id column by = or IN, or bind userId to one mailbox.' });
}
