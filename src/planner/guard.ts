/**
 * Owns: proving readings by bytecode.
 * Does not own: reading (sql/), the judge.
 * Invariants: a term counts as read only if the statement with our rendering of it compiles to the same program; the rendering
 * is compared, never run.
 */
import { samePrograms } from '../engine/opcodes.js';
import type { Judge, Opcode } from '../engine/types.js';
import { applyEdits, printExpression, quoteIdentifier } from '../sql/index.js';
import type { Edit } from '../sql/index.js';
import type { Term } from './restrictions.js';
import { resolve } from './scope.js';
import type { Rules } from './soundness.js';

export interface GuardInput {
  readonly text: string;
  readonly program: readonly Opcode[];
  readonly judge: Judge;
  readonly rules: Rules;
}

/** The terms whose reading was refused. */
export function refusedTerms(terms: readonly Term[], { text, program, judge, rules }: GuardInput): ReadonlySet<Term> {
  const edits = new Map<Term, Edit>();
  for (const term of terms) {
    if (term.expression !== undefined) edits.set(term, { span: term.span, replacement: render(term, text, rules) });
  }
  const proves = (some: readonly Edit[]): boolean => {
    const other = judge.program(applyEdits(text, some).text);
    return other !== undefined && samePrograms(program, other);
  };
  const refused = new Set<Term>();
  if (edits.size === 0 || proves([...edits.values()])) return refused;
  for (const [term, edit] of edits) if (!proves([edit])) refused.add(term);
  return refused;
}

/** Fully parenthesised, columns qualified by the FROM item they were resolved to. */
function render(term: Term, text: string, rules: Rules): string {
  return printExpression(term.expression!, text, (path) => {
    const plain = path.map(quoteIdentifier).join('.');
    if (path.length > 1) return plain;
    const found = resolve(path, term.arm, rules);
    return found.kind === 'unknown' || found.item.name === undefined ? plain : `${quoteIdentifier(found.item.name)}.${plain}`;
  });
}
