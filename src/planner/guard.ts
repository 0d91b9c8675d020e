/**
 * Owns: proving readings by bytecode.
 * Does not own: reading (sql/), the judge.
 * Invariants: a term counts as read only if the statement with our rendering of it compiles to the same program; the rendering
 * is compared, never run.
 */
import { samePrograms } from '../engine/opcodes.js';
import { quoteIdentifier } from '../engine/ddl.js';
import type { Judge, Opcode } from '../engine/types.js';
import { applyEdits, printExpression } from '../sql/index.js';
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
  const proves = (some: readonly Edit[]): boolean => {
    const other = judge.program(applyEdits(text, some).text);
    return other !== undefined && samePrograms(program, other);
  };
  const refused = new Set<Term>();
  for (const layer of layers(terms.filter(({ expression }) => expression !== undefined))) {
    const edits = layer.map((term): readonly [Term, Edit] => [term, { span: term.span, replacement: render(term, text, rules) }]);
    if (proves(edits.map(([, edit]) => edit))) continue;
    for (const [term, edit] of edits) if (!proves([edit])) refused.add(term);
  }
  return refused;
}

/** A term with a subquery holds the terms of that subquery: those are proved in a text of their own. */
function layers(terms: readonly Term[]): readonly (readonly Term[])[] {
  const found: Term[][] = [];
  for (const term of terms) {
    const depth = terms.filter(({ span }) => span.start <= term.span.start && term.span.end <= span.end && (span.start !== term.span.start || span.end !== term.span.end)).length;
    (found[depth] ??= []).push(term);
  }
  return found.filter((layer) => layer !== undefined);
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
