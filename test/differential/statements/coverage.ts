/** What must be drawn: every column with every operator that `schema/` declares for it, both NULL tests, and its sort. */
import { loadCatalog } from '../../../src/catalog/load.js';
import type { ColumnDeclaration, FilterCapabilities, TableDeclaration } from '../../../src/catalog/table.js';
import type { Statement } from '../harness/compare.js';
import { seeded } from '../harness/draw.js';
import { quoted, type Known, type Scope } from '../harness/oracle.js';
import { inside } from './values.js';
import { operatorsOf, predicate, type Operator } from './predicates.js';
import { required, uniqueColumns, type World } from './scope.js';
import { topOf } from './selects.js';

export const offeredTables = (): readonly TableDeclaration[] => loadCatalog('msgraph').tables().filter(({ shape }) => shape.kind !== 'not-offered');

const declared = ({ filter = {} }: ColumnDeclaration): readonly (keyof FilterCapabilities)[] => Object.keys(filter) as (keyof FilterCapabilities)[];

export function mustCover(table: TableDeclaration): readonly string[] {
  return table.columns.flatMap((column) => {
    const name = `${table.name}.${column.name}`;
    const operators = declared(column).map((operator) => `${name} ${operator}`);
    // An input has no values, so no NULLs.
    return column.pseudo === true ? operators : [...operators, `${name} is null`, `${name} is not null`, ...(column.sort === undefined ? [] : [`${name} sort`])];
  });
}

/** Statements that ask one thing of one column, in the ways in which an answer can be trusted: rows, a count, the first rows. */
export function columnStatements(worlds: Readonly<Record<Scope, World>>, table: Known, seed: number): readonly Statement[] {
  const statements: Statement[] = [];
  table.columns.forEach((column, index) => {
    const draw = seeded(seed + index * 7919);
    const world = worlds[column.selector !== true ? 'own' : column.name === 'userId' ? 'mailboxes' : 'places'];
    const known = world.tables.find(({ declaration }) => declaration.name === table.declaration.name) ?? table;
    const ref = { table: known, alias: 't' };
    const keys = uniqueColumns(world, known).map((name) => `t."${name}"`);
    const ask = (condition: string, covers: readonly string[], ways: readonly ('rows' | 'count' | 'top')[]): void => {
      const needed = column.selector === true ? required(draw, { ...world, scope: 'own' }, ref) : required(draw, world, ref);
      const where = `WHERE ${[...needed, `(${condition})`].join(' AND ')}`;
      const from = `FROM ${known.declaration.name} t ${where}`;
      const base = { scope: world.scope, covers };
      if (ways.includes('rows')) statements.push({ ...base, sql: `SELECT ${[...keys, `t."${column.name}"`].join(', ')} ${from}`, check: { kind: 'multiset' } });
      if (ways.includes('count')) statements.push({ ...base, sql: `SELECT count(*) ${from}`, check: { kind: 'multiset' } });
      const of = `SELECT ${keys.join(', ')} ${from}`;
      if (ways.includes('top')) statements.push({ ...base, sql: `${of} LIMIT 2`, check: { kind: 'top', keys: [], of } });
    };
    for (const operator of column.selector === true ? declared(column) : operatorsOf(column)) {
      const isDeclared = declared(column).includes(operator as keyof FilterCapabilities);
      if (column.selector === true) {
        const covers = [`${known.declaration.name}.${column.name} ${operator}`];
        for (const condition of bindings(known, column, operator)) ask(condition, covers, ['rows', 'count', 'top']);
        continue;
      }
      if (!isDeclared && !/null/.test(operator) && column.filter === undefined) continue;
      const term = predicate(draw, ref, column, operator as Operator);
      ask(term.sql, term.covers, isDeclared ? ['rows', 'count', 'top'] : ['rows']);
      if (isDeclared) {
        const again = predicate(draw, ref, column, operator as Operator);
        ask(again.sql, again.covers, ['rows']);
      }
    }
    if (column.selector === true) for (const operator of ['is null', 'is not null'] as const) {
      const term = predicate(draw, ref, column, operator);
      const binding = bindings(known, column, 'in')[0];
      ask(binding === undefined ? term.sql : `${binding} AND ${term.sql}`, term.covers, ['rows']);
    }
    // What nothing can filter is asked one of all the other things.
    if (column.filter === undefined && column.selector !== true) {
      const term = predicate(draw, ref, column, draw.pick(operatorsOf(column)));
      ask(term.sql, term.covers, ['rows']);
    }
    if (column.sort !== undefined) {
      for (const order of ['', ' DESC']) {
        statements.push(topOf(draw, worlds.own, ref, column, { sql: '', covers: [] }, order, ' LIMIT 5'), topOf(draw, worlds.own, ref, column, predicate(draw, ref, draw.pick(table.columns.filter(({ filter, selector }) => filter !== undefined && selector !== true)), 'eq'), order, ' LIMIT 4 OFFSET 1'));
      }
    }
  });
  return statements;
}

/** Conditions that choose where rows are read; in another case the service might take the name, but SQL does not. */
function bindings(table: Known, column: ColumnDeclaration, operator: string): readonly string[] {
  const values = table.samples(column.name);
  const [first = "''"] = values;
  const name = `t."${column.name}"`;
  return operator === 'in' ? [`${name} IN (${values.join(', ')})`] : [`${name} = ${first}`, `${name} = ${quoted(inside(values.at(-1) ?? first))}`];
}

export interface CoverageLine {
  readonly table: string;
  readonly columns: number;
  readonly wanted: number;
  readonly missing: readonly string[];
}

export function coverageOf(drawn: ReadonlySet<string>): readonly CoverageLine[] {
  return offeredTables().map((table) => {
    const wanted = mustCover(table);
    return { table: table.name, columns: table.columns.length, wanted: wanted.length, missing: wanted.filter((one) => !drawn.has(one)) };
  });
}
