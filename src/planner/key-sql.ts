/**
 * Owns: SQL that gives the keys of a look-up from rows that are already staged.
 * Invariants: the keys are a superset of those that can match; a predicate that cannot be written is left out.
 */
import { quoteIdentifier } from '../engine/ddl.js';
import type { Conjunct, Predicate } from '../scan/predicate.js';
import { writeLiteral } from './names.js';

/** Distinct values of a column among the rows that meet the conjuncts (the service may have sent more). */
export function keysOf(table: string, column: string, conjuncts: readonly Conjunct[]): string {
  const name = quoteIdentifier(column);
  const conditions = conjuncts.flatMap(({ predicate }) => writePredicate(predicate) ?? []);
  return `SELECT DISTINCT ${name} FROM ${quoteIdentifier(table)} WHERE ${[`${name} IS NOT NULL`, ...conditions].join(' AND ')}`;
}

/** Distinct values of a column of a system or temporary table; `from` is how FROM names it. */
export function localKeys(from: string, column: string): string {
  const name = quoteIdentifier(column);
  return `SELECT DISTINCT ${name} FROM ${from} WHERE ${name} IS NOT NULL`;
}

const OPERATORS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

function writePredicate(predicate: Predicate): string | undefined {
  switch (predicate.kind) {
    case 'compare': {
      const value = writeLiteral(predicate.value);
      return value === undefined ? undefined : `${quoteIdentifier(predicate.column)} ${OPERATORS[predicate.op]} ${value}`;
    }
    case 'in': {
      const values = predicate.values.map(writeLiteral);
      return values.includes(undefined) ? undefined : `${quoteIdentifier(predicate.column)} IN (${values.join(', ')})`;
    }
    case 'prefix':
      return like(predicate.column, predicate.prefix, '');
    case 'contains':
      return like(predicate.column, predicate.text, '%');
    case 'null':
      return `${quoteIdentifier(predicate.column)} IS ${predicate.negated ? 'NOT ' : ''}NULL`;
    case 'any': {
      const arms = predicate.arms.map(writePredicate);
      return arms.includes(undefined) ? undefined : `(${arms.join(' OR ')})`;
    }
    case 'all': {
      const arms = predicate.arms.flatMap((arm) => writePredicate(arm) ?? []);
      return arms.length === 0 ? undefined : `(${arms.join(' AND ')})`;
    }
    case 'never':
      return '0';
    case 'search':
      return undefined;
  }
}

/** LIKE folds ASCII case, so it is a superset of GLOB as well. */
function like(column: string, text: string, before: '' | '%'): string | undefined {
  const pattern = writeLiteral(`${before}${text.replace(/[\\%_]/g, '\\$&')}%`);
  return pattern === undefined ? undefined : `${quoteIdentifier(column)} LIKE ${pattern} ESCAPE '\\'`;
}
