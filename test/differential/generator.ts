/**
 * Statements for the differential test: drawn from what `schema/` declares and from values that occur in the data.
 * Every statement is plain SQLite SQL, so that SQLite over the same rows is the oracle.
 */
import fc from 'fast-check';
import type { ColumnDeclaration, TableDeclaration } from '../../src/catalog/table.js';

export interface GeneratedTable {
  readonly declaration: TableDeclaration;
  /** Columns a statement may use. */
  readonly columns: readonly ColumnDeclaration[];
  /** Values that occur, by column, as SQL literals (NULL left out). */
  readonly samples: ReadonlyMap<string, readonly string[]>;
  /** A predicate every reference needs, e.g. the window of a calendar view; `{}` stands for the alias. */
  readonly required?: string;
  /** Columns that make a row unique, for a total order. */
  readonly unique: readonly string[];
}

export interface JoinPath {
  readonly left: string;
  readonly right: string;
  readonly on: (left: string, right: string) => string;
}

export interface Statement {
  readonly sql: string;
  /** True if ORDER BY is total: sequences are compared, else multisets. */
  readonly ordered: boolean;
  /** `Table.column operator` of every drawn combination. */
  readonly covers: readonly string[];
}

interface Term {
  readonly sql: string;
  readonly covers: readonly string[];
}

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

const HOSTILE = ["O'Brien", '100%', 'a_b', '%', '_', '', ' ', '😀', 'ß', 'İstanbul', "'; DROP TABLE Messages; --", 'a"b', 'a\\b', '\u0007', 'é', '(x or y)', '2026', '0', 'null', '&$top=1', '#', '+', '%27'];

/** The operators a column is drawn with; `schema/` decides which of them may go down. */
export function operatorsOf(column: ColumnDeclaration): readonly string[] {
  if (column.selector === true) return ['eq', 'in'];
  switch (column.type) {
    case 'boolean':
      return ['eq', 'ne', 'in', 'null', 'truth', 'mixed'];
    case 'integer':
    case 'bigint':
    case 'double':
      return ['eq', 'ne', 'range', 'between', 'in', 'null', 'mixed'];
    case 'timestamp':
    case 'date':
    case 'time':
      return ['eq', 'ne', 'range', 'between', 'in', 'null'];
    default:
      return ['eq', 'ne', 'range', 'between', 'in', 'prefix', 'contains', 'null', 'mixed', 'collate', 'glob'];
  }
}

const oneOf = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

function literal(table: GeneratedTable, column: ColumnDeclaration): fc.Arbitrary<string> {
  const samples = table.samples.get(column.name) ?? [];
  const known = samples.length === 0 ? [] : [oneOf(samples)];
  if (column.selector === true) return oneOf(samples.length === 0 ? ["''"] : samples);
  switch (column.type) {
    case 'boolean':
      return oneOf(['0', '1', 'TRUE', 'FALSE']);
    case 'integer':
    case 'bigint':
    case 'double':
      return fc.oneof(...known, fc.integer({ min: -2, max: 2000 }).map(String));
    case 'timestamp':
    case 'date':
    case 'time':
      // Only values of the data: in another notation SQLite would compare text where we compare points in time.
      return samples.length === 0 ? fc.constant("'2026-01-01T00:00:00Z'") : oneOf(samples);
    default: {
      if (column.values !== undefined) return fc.oneof(...known, oneOf(column.values.map(text)), oneOf(column.values.map((value) => text(value.toUpperCase()))));
      const changed = samples.length === 0 ? [] : [oneOf(samples).map((value) => value.toUpperCase()), oneOf(samples).map((value) => text(value.slice(1, -1).replaceAll("''", "'").slice(0, 5)))];
      return fc.oneof(...known, ...known, ...changed, oneOf(HOSTILE).map(text));
    }
  }
}

/** Inside of a text literal, for patterns: at most some characters, LIKE wildcards of the data kept as they are. */
const part = (value: string): string => value.replace(/^'|'$/g, '').replaceAll("''", "'").slice(0, 6);

function predicate(table: GeneratedTable, alias: string, column: ColumnDeclaration, operator: string): fc.Arbitrary<Term> {
  const name = `${alias}."${column.name}"`;
  const value = literal(table, column);
  const covers = [`${table.declaration.name}.${column.name} ${operator}`];
  const term = (sql: fc.Arbitrary<string>): fc.Arbitrary<Term> => sql.map((one) => ({ sql: one, covers }));
  switch (operator) {
    case 'eq':
      return term(fc.tuple(value, fc.boolean()).map(([one, turned]) => (turned ? `${one} = ${name}` : `${name} = ${one}`)));
    case 'ne':
      return term(value.map((one) => `${name} <> ${one}`));
    case 'range':
      return term(fc.tuple(value, oneOf(['<', '<=', '>', '>='])).map(([one, op]) => `${name} ${op} ${one}`));
    case 'between':
      return term(fc.tuple(value, value, fc.boolean()).map(([a, b, not]) => `${name} ${not ? 'NOT ' : ''}BETWEEN ${a} AND ${b}`));
    case 'in':
      return term(fc.tuple(fc.array(value, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 9 })).map(([list, kind]) => `${name} ${kind === 0 ? 'NOT ' : ''}IN (${[...list, ...(kind < 2 ? ['NULL'] : [])].join(', ')})`));
    case 'prefix':
      return term(value.map((one) => `${name} LIKE ${text(`${part(one)}%`)}`));
    case 'contains':
      return term(fc.tuple(value, fc.boolean()).map(([one, not]) => `${name} ${not ? 'NOT ' : ''}LIKE ${text(`%${part(one).slice(1)}%`)}`));
    case 'glob':
      return term(value.map((one) => `${name} GLOB ${text(`${part(one).replace(/[*?[]/g, '')}*`)}`));
    case 'null':
      return term(oneOf(['IS NULL', 'IS NOT NULL']).map((op) => `${name} ${op}`));
    case 'truth':
      return term(oneOf([name, `NOT ${name}`, `${name} IS TRUE`, `${name} IS NOT TRUE`, `${name} IS FALSE`]));
    case 'mixed':
      return term(oneOf(['5', "'5'", '3.5', "'abc'", 'NULL', "x'61'"]).map((one) => `${name} = ${one}`));
    case 'collate':
      return term(value.map((one) => `${name} = ${one} COLLATE NOCASE`));
    default:
      throw new Error(operator);
  }
}

export function anyPredicate(table: GeneratedTable, alias: string): fc.Arbitrary<Term> {
  // Columns that can go down are drawn as often as all the others together.
  const capable = table.columns.filter((column) => column.filter !== undefined);
  const column = capable.length === 0 ? oneOf(table.columns) : fc.oneof(oneOf(table.columns), oneOf(capable));
  return column.chain((one) => oneOf(operatorsOf(one)).chain((operator) => predicate(table, alias, one, operator)));
}

function condition(tables: readonly (readonly [GeneratedTable, string])[]): fc.Arbitrary<Term> {
  const leaf = fc.constantFrom(...tables).chain(([table, alias]) => anyPredicate(table, alias));
  const join = (word: string, terms: readonly Term[]): Term => ({ sql: terms.map(({ sql }) => sql).join(` ${word} `), covers: terms.flatMap(({ covers }) => covers) });
  const pair = fc.tuple(leaf, leaf);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 3, arbitrary: pair.map((terms) => join('AND', terms)) },
    { weight: 2, arbitrary: pair.map((terms) => join('OR', terms)) },
    { weight: 2, arbitrary: fc.tuple(leaf, leaf, leaf).map((terms) => join('AND', terms)) },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf, leaf).map(([a, b, c]) => ({ sql: `${a.sql} OR ${b.sql} AND ${c.sql}`, covers: [...a.covers, ...b.covers, ...c.covers] })) },
    { weight: 1, arbitrary: fc.tuple(leaf, leaf, leaf).map(([a, b, c]) => ({ sql: `(${a.sql} OR ${b.sql}) AND ${c.sql}`, covers: [...a.covers, ...b.covers, ...c.covers] })) },
    { weight: 1, arbitrary: leaf.map((term) => ({ ...term, sql: `NOT (${term.sql})` })) },
  );
}

function where(tables: readonly (readonly [GeneratedTable, string])[]): fc.Arbitrary<Term> {
  const required = tables.flatMap(([table, alias]) => (table.required === undefined ? [] : [table.required.replaceAll('{}', alias)]));
  return fc.option(condition(tables), { nil: undefined, freq: 8 }).map((term) => {
    const parts = [...required, ...(term === undefined ? [] : [required.length > 0 ? `(${term.sql})` : term.sql])];
    return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, covers: term?.covers ?? [] };
  });
}

const columnsOf = (table: GeneratedTable, alias: string): fc.Arbitrary<string> =>
  fc.uniqueArray(oneOf(table.columns), { minLength: 1, maxLength: 4, selector: ({ name }) => name }).map((columns) => columns.map(({ name }) => `${alias}."${name}"`).join(', '));

/** A total order: drawn columns, then the unique ones. */
function order(table: GeneratedTable, alias: string): fc.Arbitrary<Term & { readonly ordered: boolean }> {
  const sortable = table.columns.filter((column) => column.sort !== undefined);
  const column = sortable.length === 0 ? oneOf(table.columns) : fc.oneof(oneOf(table.columns), oneOf(sortable));
  const limit = fc.option(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.option(fc.integer({ min: 0, max: 5 }))), { nil: undefined });
  return fc.oneof(
    fc.constant({ sql: '', covers: [], ordered: false }),
    fc.tuple(column, fc.boolean(), limit).map(([one, descending, rows]) => ({
      sql: ` ORDER BY ${alias}."${one.name}"${descending ? ' DESC' : ''}, ${table.unique.map((name) => `${alias}."${name}"`).join(', ')}${rows === undefined ? '' : ` LIMIT ${String(rows[0])}${rows[1] === null ? '' : ` OFFSET ${String(rows[1])}`}`}`,
      covers: [`${table.declaration.name}.${one.name} sort`],
      ordered: true,
    })),
  );
}

export function singleTable(tables: readonly GeneratedTable[]): fc.Arbitrary<Statement> {
  return oneOf(tables).chain((table) =>
    fc.tuple(columnsOf(table, 't'), where([[table, 't']]), order(table, 't')).map(([columns, condition, sorted]) => ({
      sql: `SELECT ${columns} FROM ${table.declaration.name} t${condition.sql}${sorted.sql}`,
      ordered: sorted.ordered,
      covers: [...condition.covers, ...sorted.covers],
    })),
  );
}

export function aggregate(tables: readonly GeneratedTable[]): fc.Arbitrary<Statement> {
  return oneOf(tables).chain((table) =>
    fc.tuple(oneOf(table.columns), where([[table, 't']]), oneOf(['count', 'group', 'distinct', 'filter', 'window'])).map(([column, condition, kind]) => {
      const name = `t."${column.name}"`;
      const from = `FROM ${table.declaration.name} t${condition.sql}`;
      const sql = {
        count: `SELECT count(*) ${from}`,
        group: `SELECT ${name}, count(*), count(${name}), min(${name}) ${from} GROUP BY ${name} HAVING count(*) >= 1`,
        distinct: `SELECT DISTINCT ${name} ${from}`,
        filter: `SELECT count(*) FILTER (WHERE ${name} IS NOT NULL), count(DISTINCT ${name}) ${from}`,
        window: `SELECT ${name}, count(*) OVER (PARTITION BY ${name}) ${from}`,
      }[kind]!;
      return { sql, ordered: false, covers: condition.covers };
    }),
  );
}

export function joined(tables: ReadonlyMap<string, GeneratedTable>, paths: readonly JoinPath[]): fc.Arbitrary<Statement> {
  const usable = paths.filter(({ left, right }) => tables.has(left) && tables.has(right));
  return oneOf(usable).chain((path) => {
    const left = tables.get(path.left)!;
    const right = tables.get(path.right)!;
    const pairs = [[left, 'a'], [right, 'b']] as const;
    const required = right.required === undefined ? '' : ` AND ${right.required.replaceAll('{}', 'b')}`;
    return fc
      .tuple(columnsOf(left, 'a'), columnsOf(right, 'b'), where(pairs), oneOf(['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']), fc.option(anyPredicate(right, 'b'), { freq: 3 }), fc.boolean())
      .map(([a, b, condition, kind, extra, swapped]) => {
        const on = `${path.on('a', 'b')}${required}${extra === null ? '' : ` AND ${extra.sql}`}`;
        const from = swapped ? `${path.right} b ${kind} ${path.left} a` : `${path.left} a ${kind} ${path.right} b`;
        return { sql: `SELECT ${a}, ${b} FROM ${from} ON ${on}${condition.sql}`, ordered: false, covers: [...condition.covers, ...(extra?.covers ?? [])] };
      });
  });
}

export function threeTables(tables: ReadonlyMap<string, GeneratedTable>, paths: readonly JoinPath[]): fc.Arbitrary<Statement> {
  const chains = paths.flatMap((first) => paths.filter((second) => second.left === first.right && second.right !== first.left).map((second) => [first, second] as const));
  const usable = chains.filter((chain) => chain.every(({ left, right }) => tables.has(left) && tables.has(right)));
  return oneOf(usable).chain(([first, second]) => {
    const [a, b, c] = [tables.get(first.left)!, tables.get(first.right)!, tables.get(second.right)!];
    return fc.tuple(columnsOf(a, 'a'), columnsOf(c, 'c'), where([[a, 'a'], [b, 'b'], [c, 'c']]), oneOf(['JOIN', 'LEFT JOIN']), oneOf(['JOIN', 'LEFT JOIN'])).map(([one, two, condition, j1, j2]) => ({
      sql: `SELECT ${one}, ${two} FROM ${first.left} a ${j1} ${first.right} b ON ${first.on('a', 'b')} ${j2} ${second.right} c ON ${second.on('b', 'c')}${condition.sql}`,
      ordered: false,
      covers: condition.covers,
    }));
  });
}

export function nested(tables: ReadonlyMap<string, GeneratedTable>, paths: readonly JoinPath[]): fc.Arbitrary<Statement> {
  const usable = paths.filter(({ left, right }) => tables.has(left) && tables.has(right) && tables.get(left)!.required === undefined);
  return oneOf(usable).chain((path) => {
    const left = tables.get(path.left)!;
    const right = tables.get(path.right)!;
    return fc
      .tuple(columnsOf(left, 'a'), where([[left, 'a']]), where([[right, 'b']]), oneOf(['exists', 'not exists', 'in', 'not in', 'scalar', 'derived', 'cte', 'union']))
      .map(([columns, outer, inner, kind]) => {
        const and = outer.sql === '' ? ' WHERE' : ' AND';
        const both = inner.sql === '' ? `WHERE ${path.on('a', 'b')}` : `${inner.sql.trim()} AND ${path.on('a', 'b')}`;
        const key = /a\."?(\w+)"? = b\."?(\w+)"?/.exec(path.on('a', 'b'));
        const outerSql = outer.sql.replace(/^ WHERE (.*)$/s, ' WHERE ($1)');
        const from = `SELECT ${columns} FROM ${path.left} a${outerSql}`;
        const innerBoth = both.replace(/^WHERE (.*) AND (\S+ = \S+)$/s, 'WHERE ($1) AND $2');
        const sql = {
          exists: `${from}${and} EXISTS (SELECT 1 FROM ${path.right} b ${innerBoth})`,
          'not exists': `${from}${and} NOT EXISTS (SELECT 1 FROM ${path.right} b ${innerBoth})`,
          in: `${from}${and} a."${key?.[1] ?? 'id'}" IN (SELECT b."${key?.[2] ?? 'id'}" FROM ${path.right} b${inner.sql})`,
          'not in': `${from}${and} a."${key?.[1] ?? 'id'}" NOT IN (SELECT b."${key?.[2] ?? 'id'}" FROM ${path.right} b${inner.sql})`,
          scalar: `SELECT ${columns}, (SELECT count(*) FROM ${path.right} b ${innerBoth}) FROM ${path.left} a${outer.sql}`,
          derived: `SELECT * FROM (SELECT ${columns} FROM ${path.left} a${outer.sql}) d`,
          cte: `WITH d AS (SELECT ${columns} FROM ${path.left} a${outer.sql}) SELECT * FROM d`,
          union: `${from} UNION ALL SELECT ${columns} FROM ${path.left} a`,
        }[kind]!;
        return { sql, ordered: false, covers: [...outer.covers, ...inner.covers] };
      });
  });
}
