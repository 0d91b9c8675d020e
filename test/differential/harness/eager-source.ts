/**
 * A service that takes every filter, sort, limit, count and look-up, over the rows of the oracle. It compares text without
 * case and gives only the columns it is asked for, so a planner that trusts it too far is found out.
 */
import type { ColumnDeclaration } from '../../../src/catalog/table.js';
import type { Predicate } from '../../../src/scan/predicate.js';
import type { Scan, ScanPlan } from '../../../src/scan/scan.js';
import type { Page, Source } from '../../../src/scan/source.js';
import type { Constant } from '../../../src/scan/value.js';
import { literal, placeColumns, type Oracle, type Scope } from './oracle.js';

const PAGE = 50;
const OPERATORS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

interface Asked {
  readonly sql: string;
  readonly exact: boolean;
}

/** True if the predicate confines the column to values, as one that chooses a place has to. */
function isBinding(predicate: Predicate, name: string): boolean {
  if (predicate.kind === 'any') return predicate.arms.every((arm) => isBinding(arm, name));
  if (predicate.kind === 'compare') return predicate.column === name && predicate.op === 'eq';
  return predicate.kind === 'in' && predicate.column === name;
}

export function eagerSource(oracle: Oracle): Source {
  const columnOf = (table: string, name: string): ColumnDeclaration | undefined => oracle.tables.own.get(table)?.declaration.columns.find((column) => column.name === name);
  // Members of an enumeration have one spelling.
  const isText = (table: string, name: string): boolean => ['text', 'json'].includes(columnOf(table, name)?.type ?? '') && columnOf(table, name)?.values === undefined;
  const ask = (predicate: Predicate, table: string): Asked => {
    const folded = (column: string): string => (isText(table, column) ? `lower("${column}")` : `"${column}"`);
    const constant = (column: string, value: Constant): string => (isText(table, column) ? `lower(${literal(value)!})` : literal(value)!);
    switch (predicate.kind) {
      case 'compare': {
        const text = isText(table, predicate.column);
        // A text's place in the service's order is not known.
        if (text && predicate.op !== 'eq' && predicate.op !== 'ne') return { sql: `"${predicate.column}" IS NOT NULL`, exact: false };
        return { sql: `${folded(predicate.column)} ${OPERATORS[predicate.op]} ${constant(predicate.column, predicate.value)}`, exact: !text };
      }
      case 'in':
        return { sql: `${folded(predicate.column)} IN (${predicate.values.map((value) => constant(predicate.column, value)).join(', ')})`, exact: !isText(table, predicate.column) };
      case 'prefix':
        return { sql: `instr(lower("${predicate.column}"), lower(${literal(predicate.prefix)!})) = 1`, exact: false };
      case 'contains':
        return { sql: `instr(lower("${predicate.column}"), lower(${literal(predicate.text)!})) > 0`, exact: false };
      case 'null':
        return { sql: `"${predicate.column}" IS ${predicate.negated ? 'NOT ' : ''}NULL`, exact: true };
      case 'any':
      case 'all': {
        const arms = predicate.arms.map((arm) => ask(arm, table));
        return { sql: `(${arms.map(({ sql }) => sql).join(predicate.kind === 'any' ? ' OR ' : ' AND ')})`, exact: arms.every(({ exact }) => exact) };
      }
      case 'never':
        return { sql: '0', exact: true };
      case 'search':
        return { sql: '1', exact: true };
    }
  };
  const bodyOf = ({ scan }: ScanPlan): { readonly sql: string; readonly scope: Scope } => {
    const { table, conjuncts } = scan;
    const declaration = oracle.tables.own.get(table)!.declaration;
    const binds = (name: string): boolean => conjuncts.some(({ predicate }) => isBinding(predicate, name));
    const scope: Scope = binds('userId') ? 'mailboxes' : placeColumns(declaration).some(({ name }) => binds(name)) ? 'places' : 'own';
    const terms = conjuncts.filter(({ predicate }) => !('column' in predicate && columnOf(table, predicate.column)?.pseudo === true)).map(({ predicate }) => ask(predicate, table).sql);
    return { sql: `FROM "${table}"${terms.length === 0 ? '' : ` WHERE ${terms.join(' AND ')}`}`, scope };
  };
  return {
    plan: (scan: Scan): ScanPlan => {
      const outcomes = scan.conjuncts.map((conjunct) => ({ conjunct, handled: ask(conjunct.predicate, scan.table).exact && conjunct.complete ? ('exact' as const) : ('inexact' as const) }));
      const exact = outcomes.every(({ handled }) => handled === 'exact');
      return {
        scan,
        requests: [],
        outcomes,
        order: scan.order === undefined ? 'none' : 'honoured',
        limit: scan.limit === undefined ? 'none' : exact ? 'honoured' : 'local',
        ...(scan.countOnly === true ? { count: exact ? ('service' as const) : ('rows' as const) } : {}),
        detail: undefined,
      };
    },
    async *run(plan): AsyncGenerator<Page, void, void> {
      const { scan, limit } = plan;
      const { sql, scope } = bodyOf(plan);
      const order = scan.order === undefined ? '' : ` ORDER BY ${scan.order.map(({ column, descending }) => `"${column}"${descending ? ' DESC' : ''}`).join(', ')}`;
      const names = scan.columns.map((name) => `"${name}"`).join(', ');
      const rows = oracle.run(`SELECT ${names === '' ? '1' : names} ${sql}${order}${limit === 'honoured' ? ` LIMIT ${String(scan.limit)}` : ''}`, scope).map((row) => (names === '' ? [] : row));
      await Promise.resolve();
      for (let at = 0; at < rows.length; at += PAGE) yield { rows: rows.slice(at, at + PAGE), keys: rows.slice(at, at + PAGE).map((_, index) => String(at + index)) };
    },
    count: (plan) => {
      const { sql, scope } = bodyOf(plan);
      return Promise.resolve(oracle.run(`SELECT count(*) ${sql}`, scope)[0]?.[0] as bigint);
    },
    estimate: () => Promise.resolve(undefined),
    lookupCost: (table, column) => (columnOf(table, column) === undefined ? undefined : 1),
    resolveFolder: () => Promise.resolve(undefined),
  };
}
