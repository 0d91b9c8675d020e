/** Random SELECTs over the fixture's tables, with hostile values, and rows that make them matter. */
import type { SqlValue } from '../../src/scan/value.js';
import { TABLES, tableOf } from './fixture.js';
import type { Data, Row } from './oracle.js';

export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** mulberry32 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** Few values, so that rows meet; ids differ by case only. */
const IDS = ['A1', 'a1', 'B2', 'b2', 'C3'];
const TEXTS = ['x', 'X', "it's", 'x%y', 'x_y', 'xay', '50%', 'a*b', 'axb', '5', '', 'é'];
const POOLS: Readonly<Record<string, readonly SqlValue[]>> = {
  integer: [0n, 1n, 2n, 3n, 5n, null],
  double: [0.5, 1, 2.5, null],
  boolean: [0n, 1n, null],
  timestamp: ['2024-01-01T00:00:00Z', '2024-01-02T10:00:00Z', '2024-03-01T00:00:00Z', null],
  json: ['[]', '["x"]', null],
  binary: [null],
};
const ID_COLUMNS = new Set(['id', 'parentFolderId', 'conversationId', 'messageId']);

export function randomData(random: Random): Data {
  return Object.fromEntries(
    TABLES.map(({ name, columns }) => {
      const rows = IDS.filter(() => random.chance(0.8)).map((id): Row =>
        Object.fromEntries(
          columns.map((column): [string, SqlValue] => {
            if (column.name === 'id') return ['id', id];
            if (column.pseudo === true) return [column.name, null];
            if (column.name === 'userId') return [column.name, 'me'];
            if (ID_COLUMNS.has(column.name)) return [column.name, random.chance(0.2) ? null : random.pick(IDS)];
            if (column.values !== undefined) return [column.name, random.chance(0.2) ? null : random.pick(column.values)];
            if (column.type === 'text') return [column.name, random.chance(0.25) ? null : random.pick(TEXTS)];
            const value = random.pick(POOLS[column.type] ?? [null]);
            return [column.name, column.fraction === 7 && typeof value === 'string' ? value.replace('Z', '.0000000Z') : value];
          }),
        ),
      );
      return [name, rows];
    }),
  );
}

interface Source {
  readonly alias: string;
  /** Column name and type. */
  readonly columns: readonly (readonly [string, string])[];
}

const USABLE = (name: string): readonly (readonly [string, string])[] => tableOf(name)!.columns.filter((column) => column.pseudo !== true && column.name !== 'userId' && column.type !== 'binary').map((column) => [column.name, ID_COLUMNS.has(column.name) ? 'id' : column.type] as const);
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export interface Generated {
  readonly sql: string;
  /** ORDER BY leaves nothing free. */
  readonly inOrder: boolean;
}

export class Generator {
  readonly #random: Random;
  #aliases = 0;
  #ctes: { readonly name: string; readonly columns: readonly (readonly [string, string])[] }[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  statement(): Generated {
    const r = this.#random;
    this.#aliases = 0;
    this.#ctes = [];
    const definitions = r.chance(0.3) ? Array.from({ length: 1 + r.below(2) }, () => this.#cte()) : [];
    const head = definitions.length === 0 ? '' : `WITH ${definitions.join(', ')} `;
    if (r.chance(0.12)) {
      const arm = (): string => this.#select([], 1).sql;
      return { sql: `${head}${arm()} ${r.pick(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} ${arm()}`, inOrder: false };
    }
    if (r.chance(0.3)) return this.#single(head);
    return { sql: `${head}${this.#select([], undefined).sql}`, inOrder: false };
  }

  /** One table with ORDER BY and LIMIT: row by row, past the engine, count. */
  #single(head: string): Generated {
    const r = this.#random;
    const { name } = r.pick(TABLES);
    const columns = USABLE(name);
    const source: Source = { alias: name, columns };
    const where = r.chance(0.8) ? ` WHERE ${this.#condition([source], [], 1 + r.below(2))}` : '';
    if (r.chance(0.2)) return { sql: `${head}SELECT count(*) FROM ${name}${where}`, inOrder: false };
    const picked = [r.pick(columns), r.pick(columns)] as const;
    const items = r.chance(0.3) ? `${picked[0][0]} AS ${picked[1][0]}, id` : r.chance(0.3) ? '*' : `${picked[0][0]}, ${picked[1][0]}, id`;
    const direction = (): string => r.pick(['', ' DESC', ' ASC', '']);
    const by = r.pick([picked[0][0], picked[1][0], '1']);
    const order = r.chance(0.75) ? ` ORDER BY ${by}${direction()}, ${name}.id` : '';
    const limit = order !== '' && r.chance(0.6) ? r.pick([' LIMIT 2', ' LIMIT 1 OFFSET 1', ' LIMIT 1, 2', ' LIMIT -1 OFFSET 1', ' LIMIT 1 + 1', ' LIMIT 0']) : '';
    return { sql: `${head}SELECT ${items} FROM ${name}${where}${order}${limit}`, inOrder: order !== '' };
  }

  #cte(): string {
    const r = this.#random;
    const name = `c${String(this.#ctes.length)}`;
    const body = this.#select([], undefined, true);
    if (r.chance(0.4)) {
      const columns = body.columns.map(([, type], index) => [`k${String(index)}`, type] as const);
      this.#ctes.push({ name, columns });
      return `${name}(${columns.map(([column]) => column).join(', ')}) AS ${r.pick(['', '', 'MATERIALIZED ', 'NOT MATERIALIZED '])}(${body.sql})`;
    }
    this.#ctes.push({ name, columns: body.columns });
    return `${name} AS (${body.sql})`;
  }

  /** @param width number of result columns, all texts. */
  #select(outer: readonly Source[], width: number | undefined, named = false): { readonly sql: string; readonly columns: readonly (readonly [string, string])[] } {
    const r = this.#random;
    const sources: Source[] = [];
    const from = this.#from(sources, outer, outer.length > 0 ? 1 : 1 + r.below(3));
    const where = r.chance(0.85) ? ` WHERE ${this.#condition(sources, outer, 1 + r.below(2))}` : '';
    const grouped = width === undefined && r.chance(0.2);
    const items: string[] = [];
    const columns: (readonly [string, string])[] = [];
    const count = width ?? 2 + r.below(2);
    const seen = new Set<string>();
    for (let index = 0; index < count; index += 1) {
      const source = r.pick(sources);
      const candidates = width === undefined ? source.columns : source.columns.filter(([, type]) => type === 'id');
      const [column, type] = candidates.length === 0 ? source.columns[0]! : r.pick(candidates);
      const alias = named || r.chance(0.3) ? r.pick([`n${String(index)}`, column]) : column;
      const name = seen.has(alias) ? `m${String(index)}` : alias;
      seen.add(name);
      items.push(`${source.alias}.${column} AS ${name}`);
      columns.push([name, type]);
    }
    if (grouped) {
      const key = items[0]!.split(' AS ')[0]!;
      const aggregate = r.pick(['count(*)', `max(${items[1]!.split(' AS ')[0]!})`, `count(*) FILTER (WHERE ${this.#condition(sources, outer, 1)})`]);
      return { sql: `SELECT ${items[0]!}, ${aggregate} AS g FROM ${from}${where} GROUP BY ${key}${r.chance(0.3) ? ' HAVING count(*) > 1' : ''}`, columns: [columns[0]!, ['g', 'other']] };
    }
    if (width === undefined && r.chance(0.06)) {
      items.push(`row_number() OVER (ORDER BY ${items[0]!.split(' AS ')[0]!}, ${sources.map(({ alias }) => `${alias}.${this.#key(alias, sources)}`).join(', ')}) AS w`);
      columns.push(['w', 'other']);
    }
    const distinct = width === undefined && r.chance(0.15) ? 'DISTINCT ' : '';
    return { sql: `SELECT ${distinct}${items.join(', ')} FROM ${from}${where}`, columns };
  }

  #key(alias: string, sources: readonly Source[]): string {
    return sources.find((source) => source.alias === alias)!.columns[0]![0];
  }

  #alias(): string {
    // Short names that come back in nested queries, so that shadowing happens.
    return `t${String(this.#aliases++)}`;
  }

  #from(sources: Source[], outer: readonly Source[], count: number): string {
    const r = this.#random;
    let text = this.#item(sources, outer);
    for (let index = 1; index < count; index += 1) {
      const before = [...sources];
      const group = count - index > 1 && r.chance(0.2);
      const right = group ? `(${this.#from(sources, outer, 2)})` : this.#item(sources, outer);
      if (group) index += 1;
      const added = sources.slice(before.length);
      const kind = r.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN', ',']);
      if (kind === ',' || kind === 'CROSS JOIN') {
        text = `${text} ${kind} ${right}`;
        continue;
      }
      const common = added.length === 1 ? added[0]!.columns.filter(([name, type]) => type === 'id' && before.filter(({ columns }) => columns.some(([other]) => other === name)).length === 1).map(([name]) => name) : [];
      if (common.length > 0 && r.chance(0.12)) {
        text = `${text} ${kind} ${right} USING (${r.pick(common)})`;
        continue;
      }
      const on = this.#join(before, added);
      text = `${text} ${kind} ${right} ON ${on}${r.chance(0.5) ? ` AND ${this.#condition([...before, ...added], [], 1)}` : ''}`;
    }
    return text;
  }

  #join(left: readonly Source[], right: readonly Source[]): string {
    const r = this.#random;
    const id = (sources: readonly Source[]): string => {
      const source = r.pick(sources);
      const ids = source.columns.filter(([, type]) => type === 'id');
      return `${source.alias}.${(ids.length === 0 ? source.columns[0]! : r.pick(ids))[0]}`;
    };
    return `${id(left)} = ${id(right)}`;
  }

  #item(sources: Source[], outer: readonly Source[]): string {
    const r = this.#random;
    if (this.#ctes.length > 0 && r.chance(0.5)) {
      const cte = r.pick(this.#ctes);
      const alias = this.#alias();
      sources.push({ alias, columns: cte.columns });
      return `${cte.name} ${alias}`;
    }
    if (outer.length === 0 && r.chance(0.2)) {
      const inner = this.#select([], undefined, true);
      const alias = this.#alias();
      sources.push({ alias, columns: inner.columns });
      const limit = r.chance(0.15) ? ` ORDER BY ${inner.columns.map((_, index) => String(index + 1)).join(', ')} LIMIT 2` : '';
      return `(${inner.sql}${limit}) ${alias}`;
    }
    const { name } = r.pick(TABLES);
    // Sometimes the alias of an outer table: the innermost wins.
    const alias = outer.length > 0 && r.chance(0.25) ? r.pick(outer).alias : this.#alias();
    sources.push({ alias, columns: USABLE(name) });
    return `${name} ${alias}`;
  }

  #condition(sources: readonly Source[], outer: readonly Source[], terms: number): string {
    const r = this.#random;
    return Array.from({ length: terms }, () => this.#term(sources, outer, 2)).join(r.chance(0.75) ? ' AND ' : ' OR ');
  }

  #term(sources: readonly Source[], outer: readonly Source[], depth: number): string {
    const r = this.#random;
    const dice = r.next();
    if (depth > 0 && dice < 0.12) return `(${this.#term(sources, outer, depth - 1)} OR ${this.#term(sources, outer, depth - 1)})`;
    if (depth > 0 && dice < 0.18) return `(${this.#term(sources, outer, depth - 1)} AND ${this.#term(sources, outer, depth - 1)})`;
    if (depth > 0 && dice < 0.23) return `NOT (${this.#term(sources, outer, depth - 1)})`;
    if (depth > 0 && dice < 0.25) return `${this.#term(sources, outer, 0)} OR ${this.#term(sources, outer, 0)} AND ${this.#term(sources, outer, 0)}`.replace(/^(.*)$/, '($1)');
    if (depth === 2 && outer.length === 0 && dice < 0.36) return this.#subquery(sources);
    const fromOuter = outer.length > 0 && r.chance(0.2);
    const source = r.pick(fromOuter ? outer : sources);
    const [column, type] = r.pick(source.columns);
    // Unqualified where it is unambiguous, also for SQLite.
    const unique = [...sources, ...outer].filter(({ columns }) => columns.some(([name]) => name === column)).length === 1;
    const name = unique && r.chance(0.4) ? column : `${source.alias}.${column}`;
    return this.#compare(name, type, sources);
  }

  #constant(type: string): string {
    const r = this.#random;
    if (r.chance(0.05)) return 'NULL';
    if (type !== 'timestamp' && r.chance(0.06)) return r.pick(["'5'", '5', '2.5', "'abc'", '1']);
    switch (type) {
      case 'id':
        return quote(r.pick(IDS));
      case 'integer':
        return r.pick(['0', '1', '2', '3', '5', '1 + 1', '-1', '2.5']);
      case 'double':
        return r.pick(['0.5', '1', '2.5', '2']);
      case 'boolean':
        return r.pick(['0', '1', 'TRUE', 'FALSE']);
      case 'timestamp':
        return r.pick(["'2024-01-01'", "'2024-01-02 10:00'", "'2024-01-02T12:00:00+02:00'", "datetime('2024-01-01', '+1 day')", "'2024-01-01T00:00:00.5Z'"]);
      default:
        return r.chance(0.1) ? `upper(${quote(r.pick(TEXTS))})` : quote(r.pick([...TEXTS, 'low', 'high']));
    }
  }

  #compare(name: string, type: string, sources: readonly Source[]): string {
    const r = this.#random;
    const dice = r.next();
    if (type === 'other') return `${name} ${r.pick(['>', '='])} 1`;
    if (dice < 0.1) return `${name} IS ${r.pick(['NULL', 'NOT NULL', 'NULL', 'NOT NULL'])}`;
    if (dice < 0.14) return `${name} ${r.pick(['IS', 'IS NOT'])} ${this.#constant(type)}`;
    if (dice < 0.17 && type !== 'timestamp') return `${name} IS ${r.pick(['TRUE', 'NOT TRUE', 'FALSE'])}`;
    if (dice < 0.24) return `${name} ${r.pick(['IN', 'IN', 'NOT IN'])} (${this.#constant(type)}, ${this.#constant(type)})`;
    if (dice < 0.3) return `${name} ${r.pick(['BETWEEN', 'BETWEEN', 'NOT BETWEEN'])} ${this.#constant(type)} AND ${this.#constant(type)}`;
    if (dice < 0.42 && (type === 'text' || type === 'id')) {
      if (r.chance(0.3)) return `${name} GLOB ${r.pick(["'x*'", "'a*b'", "'x?y'", "'[ax]*'", "'x_y*'", "'X'"])}`;
      return `${name} ${r.pick(['LIKE', 'LIKE', 'NOT LIKE'])} ${r.pick(["'x%'", "'X'", "'%y'", "'x\\%y' ESCAPE '\\'", "'x\\_%' ESCAPE '\\'", "'x_y'", "'%x%'", "'50!%' ESCAPE '!'", "'%'"])}`;
    }
    if (dice < 0.46 && type === 'boolean') return r.pick([name, `NOT ${name}`]);
    if (dice < 0.5 && (type === 'text' || type === 'id')) return r.pick([`${name} = ${this.#constant(type)} COLLATE NOCASE`, `${name} COLLATE NOCASE = ${this.#constant(type)}`, `lower(${name}) = 'x'`, `${name} || '' = 'x'`]);
    if (dice < 0.55) {
      const other = r.pick(sources);
      const same = other.columns.filter(([, kind]) => kind === type);
      if (same.length > 0) return `${name} ${r.pick(['=', '<>', '<'])} ${other.alias}.${r.pick(same)[0]}`;
    }
    if (dice < 0.58) return `coalesce(${name}, ${this.#constant(type)}) = ${this.#constant(type)}`;
    const operator = r.pick(['=', '=', '=', '<>', '<', '<=', '>', '>=']);
    return r.chance(0.15) ? `${this.#constant(type)} ${operator} ${name}` : `${name} ${operator} ${this.#constant(type)}`;
  }

  #subquery(sources: readonly Source[]): string {
    const r = this.#random;
    const outer = r.pick(sources);
    const ids = outer.columns.filter(([, type]) => type === 'id');
    const id = ids.length === 0 ? undefined : `${outer.alias}.${r.pick(ids)[0]}`;
    const dice = r.next();
    const saved = this.#ctes;
    if (r.chance(0.7)) this.#ctes = [];
    try {
      if (id !== undefined && dice < 0.45) return `${id} ${r.pick(['IN', 'IN', 'NOT IN'])} (${this.#select(r.chance(0.5) ? [] : sources, 1).sql})`;
      if (dice < 0.85) {
        const inner: Source[] = [];
        const from = this.#item(inner, sources);
        const own = inner[0]!.columns.filter(([, type]) => type === 'id');
        // The alias may hide the outer one; then this is no correlation, and still right.
        const tie = id === undefined || own.length === 0 ? '1' : `${inner[0]!.alias}.${r.pick(own)[0]} = ${inner[0]!.alias === outer.alias ? `${inner[0]!.alias}.${own[0]![0]}` : id}`;
        return `${r.pick(['EXISTS', 'EXISTS', 'NOT EXISTS'])} (SELECT 1 FROM ${from} WHERE ${tie} AND ${this.#condition(inner, sources.filter(({ alias }) => alias !== inner[0]!.alias), 1)})`;
      }
      return `(SELECT count(*) FROM ${this.#select([], 1).sql.split(' FROM ').slice(1).join(' FROM ')}) > 1`;
    } finally {
      this.#ctes = saved;
    }
  }
}
