/**
 * Owns: SEARCH('…') in WHERE: which table it searches, and taking it out of the text the engine runs.
 * Does not own: $search (graph/).
 * Invariants: the service's index decides, so SEARCH stands only where it restricts one table and nothing else; anywhere else it is refused.
 */
import type { Folded } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import type { Expression, Span } from '../sql/ast.js';
import type { Edit, Token } from '../sql/index.js';
import { isNullSupplied, pathTo } from './scope.js';
import type { ArmScope, StatementScope, TableReference } from './scope.js';

export interface Search {
  /** `TableReference.ordinal`. */
  readonly ordinal: number;
  readonly text: string;
  /** The user's own text of the call. */
  readonly sql: string;
}

export interface SearchInput {
  readonly scope: StatementScope;
  readonly tokens: readonly Token[];
  read(span: Span): Expression | undefined;
  fold(expression: Expression): Folded | undefined;
  shown(span: Span): string;
}

export function readSearches(input: SearchInput): { readonly searches: readonly Search[]; readonly edits: readonly Edit[] } {
  const searches: Search[] = [];
  const edits: Edit[] = [];
  const { tokens, scope } = input;
  tokens.forEach((token, index) => {
    if (token.key !== 'SEARCH' || tokens[index + 1]?.key !== '(' || tokens[index - 1]?.key === '.') return;
    const place = placeOf(token, input);
    const reference = searched(place.arm, token);
    const argument = place.call.args[0];
    const folded = place.call.args.length === 1 && argument !== undefined ? input.fold(argument) : undefined;
    if (argument === undefined || folded?.type !== 'text' || typeof folded.value !== 'string') {
      throw new ExchangeSqlError('BAD_VALUE', 'SEARCH takes one constant text.', { position: token.start, hint: "Write SEARCH('subject:budget from:ann')." });
    }
    if (folded.value.includes('"')) {
      throw new ExchangeSqlError('BAD_VALUE', 'A search text cannot hold a double quote: the service has no way to write one.', { position: argument.span.start, hint: 'Leave the quotes out.' });
    }
    if (folded.value.trim() === '') throw new ExchangeSqlError('BAD_VALUE', 'The search text is empty.', { position: argument.span.start, hint: 'Leave SEARCH out to read all rows.' });
    if (searches.some(({ ordinal }) => ordinal === reference.ordinal)) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH can stand only once for ${reference.declaration.name}.`, { position: token.start, hint: "Put both into one text: SEARCH('budget from:ann')." });
    }
    if (scope.references.filter(({ declaration }) => declaration.name === reference.declaration.name).length > 1) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH needs ${reference.declaration.name} to be named only once in the statement.`, { position: token.start, hint: 'Run the search as a statement of its own, into a temporary table.' });
    }
    searches.push({ ordinal: reference.ordinal, text: folded.value, sql: input.shown(place.call.span) });
    // Its parameters stay in the text, so that the others keep their numbers.
    const { start, end } = place.call.span;
    edits.push(argument.kind === 'literal' ? { span: { start, end }, replacement: '1' } : { span: { start, end: argument.span.start }, replacement: 'ifnull(1, ' });
  });
  return { searches, edits };
}

function placeOf(token: Token, { scope, read }: SearchInput): { readonly arm: ArmScope; readonly call: Extract<Expression, { kind: 'function' }> } {
  for (const arm of scope.arms) {
    for (const span of arm.skeleton.where?.conjuncts ?? []) {
      const expression = read(span);
      if (expression?.kind === 'function' && expression.nameSpan.start === token.start) return { arm, call: expression };
    }
  }
  throw new ExchangeSqlError('NOT_SUPPORTED', 'SEARCH can only stand in WHERE, alone or joined to the other conditions by AND.', {
    position: token.start,
    hint: "Write WHERE SEARCH('…') AND …; for a condition on rows use LIKE.",
  });
}

function searched(arm: ArmScope, token: Token): TableReference {
  const candidates = arm.items.flatMap((item) => (item.reference?.declaration.options?.search === true ? [item.reference] : []));
  const reference = candidates[0];
  if (reference === undefined) {
    const names = arm.items.flatMap((item) => item.reference?.declaration.name ?? []);
    throw new ExchangeSqlError('NOT_SUPPORTED', names.length === 0 ? 'SEARCH needs a table in the same SELECT.' : `SEARCH is not offered for ${names.join(', ')}.`, { position: token.start, hint: 'It is for Messages; for a condition on rows use LIKE.' });
  }
  if (candidates.length > 1) throw new ExchangeSqlError('NOT_SUPPORTED', 'It is not clear which table SEARCH is for.', { position: token.start, hint: `Put ${reference.declaration.name} with its SEARCH into a derived table: FROM (SELECT … WHERE SEARCH('…')).` });
  if (isNullSupplied(pathTo(arm.from, reference.item) ?? [])) {
    throw new ExchangeSqlError('NOT_SUPPORTED', `SEARCH cannot restrict ${reference.declaration.name} on the optional side of an outer join.`, { position: token.start, hint: "Put it into a derived table: LEFT JOIN (SELECT … WHERE SEARCH('…'))." });
  }
  return reference;
}
