/** Whole statements. Plain SQLite SQL, so that plain SQLite is the judge. */
import type { ColumnDeclaration } from '../../../src/catalog/table.js';
import type { Check, Statement } from '../harness/compare.js';
import type { Draw } from '../harness/draw.js';
import { isWindowed, type Known, type Scope } from '../harness/oracle.js';
import { anyColumn, condition, leaf, nameOf, type Condition, type Ref } from './predicates.js';
import { required, uniqueColumns, type Path, type World } from './scope.js';
import { constant } from './values.js';

const NOTHING: Condition = { sql: '', covers: [] };

const isCheap = ({ single }: ColumnDeclaration): boolean => single !== true;

/** WHERE of the tables in scope, with what they need. */
function where(draw: Draw, world: World, refs: readonly Ref[], more: readonly string[] = [], given?: Condition): Condition {
  const needed = [...more, ...refs.flatMap((ref) => required(draw, world, ref))];
  const own = given ?? (draw.chance(5, 6) ? condition(draw, refs) : NOTHING);
  if (own.sql === '') return { sql: needed.length === 0 ? '' : ` WHERE ${needed.join(' AND ')}`, covers: [] };
  if (needed.length === 0) return { sql: ` WHERE ${own.sql}`, covers: own.covers };
  return { sql: draw.chance(1, 2) ? ` WHERE ${needed.join(' AND ')} AND (${own.sql})` : ` WHERE (${own.sql}) AND ${needed.join(' AND ')}`, covers: own.covers };
}

function projected(draw: Draw, refs: readonly Ref[], least = 1): readonly string[] {
  const count = least + draw.below(4);
  return Array.from({ length: count }, () => {
    const ref = draw.pick(refs);
    const column = draw.pick(ref.table.columns.filter(isCheap));
    const name = nameOf(draw, ref, column.name);
    if (draw.chance(1, 10)) return draw.pick([`length(${name})`, `${name} IS NULL`, `coalesce(${name}, 'none')`, `typeof(${name})`, `upper(${name})`, `substr(${name}, 1, 4)`]);
    return name;
  });
}

const tableOf = (draw: Draw, { tables }: World): Known => {
  // Messages matter most, and have the most rules.
  const messages = tables.find(({ declaration }) => declaration.name === 'Messages');
  return messages !== undefined && draw.chance(1, 3) ? messages : draw.pick(tables);
};

const from = (draw: Draw, { table, alias }: Ref): string => `${draw.pick([table.declaration.name, `"${table.declaration.name}"`, table.declaration.name.toUpperCase()])}${draw.chance(1, 2) ? ' AS' : ''} ${alias}`;

function limitOf(draw: Draw): string {
  const rows = draw.pick([5, 1, 3, 0, 10, 12, 100, 1000]);
  return draw.pick(['', '', ` LIMIT ${String(rows)}`, ` LIMIT ${String(rows)} OFFSET ${String(draw.below(6))}`, ` LIMIT ${String(draw.below(6))}, ${String(rows)}`, ' LIMIT -1']);
}

const direction = (draw: Draw): string => draw.pick(['', ' DESC', ' ASC', ' DESC']);

/** One table, in a total order or in none. */
export function single(draw: Draw, world: World): Statement {
  const ref = { table: tableOf(draw, world), alias: draw.pick(['t', 'm', 'x']) };
  const filter = where(draw, world, [ref]);
  const body = `FROM ${from(draw, ref)}${filter.sql}`;
  const columns = projected(draw, [ref]);
  if (draw.chance(1, 2)) return { sql: `SELECT ${columns.join(', ')} ${body}`, check: { kind: 'multiset' }, scope: world.scope, covers: filter.covers };
  const by = anyColumn(draw, ref);
  const first = draw.pick([`${ref.alias}."${by.name}"${direction(draw)}`, `${ref.alias}."${by.name}"${direction(draw)} NULLS LAST`, `1${direction(draw)}`, `lower(${ref.alias}."${by.name}")${direction(draw)}`]);
  const keys = uniqueColumns(world, ref.table).map((name) => `${ref.alias}."${name}"${direction(draw)}`);
  return { sql: `SELECT ${columns.join(', ')} ${body} ORDER BY ${[first, ...keys].join(', ')}${limitOf(draw)}`, check: { kind: 'sequence' }, scope: world.scope, covers: filter.covers };
}

/** One table, one sort column, LIMIT: what may go down whole. */
export function top(draw: Draw, world: World): Statement {
  const ref = { table: tableOf(draw, world), alias: 't' };
  const sortable = ref.table.columns.filter(({ sort }) => sort !== undefined);
  const by = draw.chance(1, 6) ? undefined : sortable.length > 0 && draw.chance(5, 6) ? draw.pick(sortable) : anyColumn(draw, ref);
  return topOf(draw, world, ref, by, draw.chance(1, 3) ? { sql: '', covers: [] } : draw.chance(1, 2) ? leaf(draw, [ref]) : condition(draw, [ref]));
}

export function topOf(draw: Draw, world: World, ref: Ref, by: ColumnDeclaration | undefined, own: Condition, order = direction(draw), limit = ` LIMIT ${String(draw.pick([5, 1, 3, 12, 60, 0]))}${draw.chance(1, 3) ? ` OFFSET ${String(draw.below(5))}` : ''}`): Statement {
  const filter = where(draw, world, [ref], [], own);
  const others = draw.some(ref.table.columns.filter(isCheap), 1, 3).map(({ name }) => `${ref.alias}."${name}"`);
  const list = by === undefined ? others : [`${ref.alias}."${by.name}"`, ...others];
  const of = `SELECT ${list.join(', ')} FROM ${ref.table.declaration.name} ${ref.alias}${filter.sql}`;
  const sorted = by === undefined ? '' : ` ORDER BY ${draw.chance(1, 6) ? '1' : `${ref.alias}."${by.name}"`}${order}`;
  const covers = by === undefined ? filter.covers : [...filter.covers, `${ref.table.declaration.name}.${by.name} sort`];
  return { sql: of + sorted + limit, check: { kind: 'top', keys: by === undefined ? [] : [0], of }, scope: world.scope, covers };
}

export function aggregate(draw: Draw, world: World): Statement {
  const ref = { table: tableOf(draw, world), alias: 't' };
  const filter = where(draw, world, [ref]);
  const column = draw.pick(ref.table.columns.filter(isCheap));
  const name = `t."${column.name}"`;
  const second = `t."${draw.pick(ref.table.columns.filter(isCheap)).name}"`;
  const body = `FROM ${ref.table.declaration.name} t${filter.sql}`;
  const extra = leaf(draw, [ref]);
  const keys = uniqueColumns(world, ref.table).map((key) => `t."${key}"`).join(', ');
  const sql = draw.pick([
    `SELECT count(*) ${body}`,
    `SELECT count(*) AS n ${body}`,
    `SELECT count(${name}), count(DISTINCT ${name}), min(${name}), max(${name}) ${body}`,
    `SELECT ${name}, count(*), min(${second}) ${body} GROUP BY ${name}`,
    `SELECT ${name}, ${second}, count(*) ${body} GROUP BY 1, 2 HAVING count(*) > 1`,
    `SELECT DISTINCT ${name}, ${second} ${body}`,
    `SELECT count(*) FILTER (WHERE ${extra.sql}), sum(length(${name})) ${body}`,
    `SELECT ${name}, count(*) OVER (PARTITION BY ${name}), row_number() OVER (PARTITION BY ${name} ORDER BY ${keys}) ${body}`,
    `SELECT ${keys}, lag(${name}) OVER (ORDER BY ${keys}), rank() OVER (ORDER BY ${name}) ${body}`,
    `SELECT ${name}, total(length(${second})) ${body} GROUP BY ${name} HAVING max(${name}) = ${constant(draw, ref.table, column)}`,
    `SELECT count(*), count(*) + 1 ${body} LIMIT 1`,
    `SELECT count(*) ${body} HAVING count(*) > 3`,
  ]);
  return { sql, check: { kind: 'multiset' }, scope: world.scope, covers: [...filter.covers, ...(sql.includes('FILTER') ? extra.covers : [])] };
}

const on = ({ columns }: Path, left: string, right: string): string => columns.map(([a, b]) => `${left}."${a}" = ${right}."${b}"`).join(' AND ');

export function joined(draw: Draw, world: World): Statement {
  const path = draw.pick(world.paths);
  const [a, b]: [Ref, Ref] = [{ table: path.left, alias: 'a' }, { table: path.right, alias: 'b' }];
  const kind = draw.pick(['JOIN', 'LEFT JOIN', 'LEFT JOIN', 'INNER JOIN', 'RIGHT JOIN', 'FULL JOIN', ',', 'CROSS JOIN']);
  const [first, second] = draw.chance(1, 2) ? [a, b] : [b, a];
  const extra = draw.chance(1, 2) ? (draw.chance(1, 2) ? leaf(draw, [a, b]) : condition(draw, [a, b], 1)) : NOTHING;
  const match = `${on(path, 'a', 'b')}${extra.sql === '' ? '' : ` AND (${extra.sql})`}`;
  const columns = projected(draw, [a, b], 2).join(', ');
  if (kind === ',' || kind === 'CROSS JOIN') {
    const filter = where(draw, world, [a, b], [match]);
    return { sql: `SELECT ${columns} FROM ${from(draw, first)}${kind === ',' ? ',' : ' CROSS JOIN'} ${from(draw, second)}${filter.sql}`, check: { kind: 'multiset' }, scope: world.scope, covers: [...filter.covers, ...extra.covers] };
  }
  // What the null-supplied side needs may stand in ON; elsewhere in WHERE.
  const inOn = kind === 'LEFT JOIN' && draw.chance(1, 2) ? required(draw, world, second) : [];
  const filter = where(draw, world, inOn.length > 0 ? [first] : [first, second], [], draw.chance(1, 2) ? condition(draw, [a, b], 1) : undefined);
  return { sql: `SELECT ${columns} FROM ${from(draw, first)} ${kind} ${from(draw, second)} ON ${[match, ...inOn].join(' AND ')}${filter.sql}`, check: { kind: 'multiset' }, scope: world.scope, covers: [...filter.covers, ...extra.covers] };
}

export function threeTables(draw: Draw, world: World): Statement {
  const one = draw.pick(world.paths);
  const next = world.paths.flatMap((path) => [...(path.left === one.right ? [{ path, turned: false }] : []), ...(path.right === one.right ? [{ path, turned: true }] : [])]);
  const { path: two, turned } = draw.pick(next);
  const refs: readonly [Ref, Ref, Ref] = [{ table: one.left, alias: 'a' }, { table: one.right, alias: 'b' }, { table: turned ? two.left : two.right, alias: 'c' }];
  const kinds = [draw.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN']), draw.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN'])] as const;
  const extra = draw.chance(1, 2) ? leaf(draw, refs) : NOTHING;
  const last = turned ? on(two, 'c', 'b') : on(two, 'b', 'c');
  const filter = where(draw, world, refs);
  return {
    sql: `SELECT ${projected(draw, refs, 2).join(', ')} FROM ${from(draw, refs[0])} ${kinds[0]} ${from(draw, refs[1])} ON ${on(one, 'a', 'b')} ${kinds[1]} ${from(draw, refs[2])} ON ${last}${extra.sql === '' ? '' : ` AND (${extra.sql})`}${filter.sql}`,
    check: { kind: 'multiset' }, scope: world.scope, covers: [...filter.covers, ...extra.covers],
  };
}

export function nested(draw: Draw, world: World): Statement {
  const path = draw.pick(world.paths);
  const [outer, inner]: [Ref, Ref] = draw.chance(1, 2) ? [{ table: path.left, alias: 'a' }, { table: path.right, alias: 'b' }] : [{ table: path.right, alias: 'b' }, { table: path.left, alias: 'a' }];
  const match = on(path, 'a', 'b');
  const [left, right] = path.columns[0]!;
  const outerKey = `${outer.alias}."${outer.alias === 'a' ? left : right}"`;
  const innerKey = `${inner.alias}."${outer.alias === 'a' ? right : left}"`;
  const columns = projected(draw, [outer]);
  const list = columns.map((column, index) => `${column} AS c${String(index)}`).join(', ');
  const filterInner = where(draw, world, [inner]);
  const correlated = where(draw, world, [inner], [match]);
  const [outerName, innerName] = [from(draw, outer), from(draw, inner)];
  const finish = (sql: string, ...used: readonly Condition[]): Statement => ({ sql, check: { kind: 'multiset' }, scope: world.scope, covers: used.flatMap(({ covers }) => covers) });
  const outerWith = (term: string): Condition => where(draw, world, [outer], [term]);
  const plain = where(draw, world, [outer]);
  const later = draw.pick(['c0 IS NOT NULL', 'c0 IS NULL', `c0 = ${constant(draw, outer.table, draw.pick(outer.table.columns.filter(({ type, selector }) => type === 'text' && selector !== true)))}`, "c0 LIKE 'B%'", 'c0 > 5']);
  // A timestamp compared with other things is refused, rightly; what chooses a place would choose another.
  const comparable = !/time|date|birthday|userId|calendarId|parentFolderId/i.test(columns[0]!);
  switch (draw.below(14)) {
    case 0: {
      const filter = outerWith(`EXISTS (SELECT 1 FROM ${innerName}${correlated.sql})`);
      return finish(`SELECT ${list} FROM ${outerName}${filter.sql}`, filter, correlated);
    }
    case 1: {
      const filter = outerWith(`NOT EXISTS (SELECT 1 FROM ${innerName}${correlated.sql})`);
      return finish(`SELECT ${list} FROM ${outerName}${filter.sql}`, filter, correlated);
    }
    case 2:
    case 3: {
      const filter = outerWith(`${outerKey} IN (SELECT ${innerKey} FROM ${innerName}${filterInner.sql})`);
      return finish(`SELECT ${list} FROM ${outerName}${filter.sql}`, filter, filterInner);
    }
    case 4: {
      const filter = outerWith(`${outerKey} NOT IN (SELECT ${innerKey} FROM ${innerName}${filterInner.sql})`);
      return finish(`SELECT ${list} FROM ${outerName}${filter.sql}`, filter, filterInner);
    }
    case 5:
      return finish(`SELECT ${list}, (SELECT count(*) FROM ${innerName}${correlated.sql}) FROM ${outerName}${plain.sql}`, plain, correlated);
    case 6: {
      const filter = outerWith(`(SELECT max(${innerKey}) FROM ${innerName}${filterInner.sql}) >= ${outerKey}`);
      return finish(`SELECT ${list} FROM ${outerName}${filter.sql}`, filter, filterInner);
    }
    case 7:
      return finish(`SELECT * FROM (SELECT ${list} FROM ${outerName}${plain.sql}) d${comparable ? ` WHERE ${later}` : ''}`, plain);
    case 8:
      return finish(`WITH d AS (SELECT ${list} FROM ${outerName}${plain.sql}) SELECT * FROM d${comparable ? ` WHERE ${later}` : ''}`, plain);
    case 9:
      return finish(`WITH d(${columns.map((_, index) => `c${String(columns.length - 1 - index)}`).join(', ')}) AS (SELECT ${columns.join(', ')} FROM ${outerName}${plain.sql}) SELECT x.c0, y.c0 FROM d x JOIN d y ON x.c0 = y.c0`, plain);
    case 10: {
      const sorted = uniqueColumns(world, outer.table).map((name) => `${outer.alias}."${name}"`).join(', ');
      return finish(`SELECT * FROM (SELECT ${list} FROM ${outerName}${plain.sql} ORDER BY ${sorted} LIMIT ${String(1 + draw.below(8))}) d${comparable ? ` WHERE ${later}` : ''}`, plain);
    }
    case 11:
      return finish(`SELECT count(*), c0 FROM (SELECT DISTINCT ${list} FROM ${outerName}${plain.sql}) d GROUP BY c0`, plain);
    case 12:
      return finish(`SELECT d.n, ${list} FROM ${outerName} LEFT JOIN (SELECT ${innerKey} AS k, count(*) AS n FROM ${innerName}${filterInner.sql} GROUP BY 1) d ON d.k = ${outerKey}${plain.sql}`, plain, filterInner);
    default:
      return finish(`WITH keys AS MATERIALIZED (SELECT ${innerKey} AS k FROM ${innerName}${filterInner.sql}) SELECT ${list} FROM ${outerName} JOIN keys ON keys.k = ${outerKey}${plain.sql}`, plain, filterInner);
  }
}

export function combined(draw: Draw, world: World): Statement {
  const arm = (table: Known, columns: readonly ColumnDeclaration[], alias: string): Condition => {
    const filter = where(draw, world, [{ table, alias }]);
    return { sql: `SELECT ${columns.map(({ name }) => `${alias}."${name}"`).join(', ')} FROM ${table.declaration.name} ${alias}${filter.sql}`, covers: filter.covers };
  };
  const table = tableOf(draw, world);
  const columns = draw.some(table.columns.filter(isCheap), 1, 3);
  const other = draw.chance(1, 2) ? table : tableOf(draw, world);
  const others = other === table ? columns : draw.some(other.columns.filter(isCheap), columns.length, columns.length);
  if (others.length !== columns.length) return single(draw, world);
  const [one, two] = [arm(table, columns, 'a'), arm(other, others, 'b')];
  const word = draw.pick(['UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT']);
  const sql = `${one.sql} ${word} ${two.sql}`;
  const total = word !== 'UNION ALL' && draw.chance(1, 2);
  const check: Check = total ? { kind: 'sequence' } : { kind: 'multiset' };
  return { sql: total ? `${sql} ORDER BY ${columns.map((_, index) => String(index + 1)).join(', ')}${limitOf(draw)}` : sql, check, scope: world.scope, covers: [...one.covers, ...two.covers] };
}

/** One table twice, or thrice, with different needs. */
export function self(draw: Draw, world: World): Statement {
  const table = tableOf(draw, world);
  const [a, b]: [Ref, Ref] = [{ table, alias: 'a' }, { table, alias: 'b' }];
  const keys = uniqueColumns(world, table);
  const match = keys.map((name) => `a."${name}" = b."${name}"`).join(' AND ');
  const kind = draw.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN']);
  const extra = leaf(draw, [b]);
  const filter = where(draw, world, [a, b], [], leaf(draw, [a]));
  if (draw.chance(1, 5) && !isWindowed(table.declaration)) return { sql: `SELECT ${projected(draw, [a]).join(', ')} FROM ${from(draw, a)}${where(draw, world, [a], [`${keys.map((name) => `a."${name}"`)[0]!} IN (SELECT b."${keys[0]!}" FROM ${from(draw, b)}${where(draw, world, [b]).sql})`]).sql}`, check: { kind: 'multiset' }, scope: world.scope, covers: [] };
  return { sql: `SELECT ${projected(draw, [a, b], 2).join(', ')} FROM ${from(draw, a)} ${kind} ${from(draw, b)} ON ${match} AND ${extra.sql}${filter.sql}`, check: { kind: 'multiset' }, scope: world.scope, covers: [...extra.covers, ...filter.covers] };
}

const FORMS = [single, single, single, top, top, aggregate, aggregate, joined, joined, joined, nested, nested, nested, threeTables, combined, self];

export function statement(draw: Draw, worlds: Readonly<Record<Scope, World>>): Statement {
  const form = draw.pick(FORMS);
  const scope = draw.pick(['own', 'own', 'own', 'own', 'own', 'own', 'mailboxes', 'places'] as const);
  return form(draw, { ...worlds[scope], inputs: draw.chance(1, 3) });
}
