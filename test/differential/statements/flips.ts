/** Statements whose answer would be wrong if one inexact capability of a column were trusted. */
import type { ColumnDeclaration, FilterCapabilities, TableDeclaration } from '../../../src/catalog/table.js';
import type { Statement } from '../harness/compare.js';
import { quoted, type Known } from '../harness/oracle.js';
import { required, uniqueColumns, type World } from './scope.js';
import { inside } from './values.js';
import { seeded } from '../harness/draw.js';

export interface Flip {
  readonly table: string;
  readonly column: string;
  readonly what: keyof FilterCapabilities | 'sort';
}

/** Every inexact capability that `schema/` declares. */
export const flipsOf = (tables: readonly TableDeclaration[]): readonly Flip[] =>
  tables.filter(({ aliasOf }) => aliasOf === undefined).flatMap(({ name: table, columns }) =>
    columns.flatMap((column): Flip[] => [
      ...Object.entries(column.filter ?? {}).filter(([, capability]) => capability.push === 'inexact').map(([what]) => ({ table, column: column.name, what: what as keyof FilterCapabilities })),
      ...(column.sort === 'inexact' ? [{ table, column: column.name, what: 'sort' as const }] : []),
    ]),
  );

/** The declaration with that one capability declared exact. */
export function flipped(declaration: TableDeclaration, { table, column, what }: Flip): TableDeclaration {
  if (declaration.name !== table) return declaration;
  const turn = (one: ColumnDeclaration): ColumnDeclaration => {
    if (one.name !== column) return one;
    if (what === 'sort') return { ...one, sort: 'exact' };
    const capability = one.filter?.[what];
    return capability === undefined ? one : { ...one, filter: { ...one.filter, [what]: { ...capability, push: 'exact' } } };
  };
  return { ...declaration, columns: declaration.columns.map(turn) };
}

/** Statements on just that column, those most likely to show it first. */
export function witnesses(world: World, table: Known, { column: name, what }: Flip): readonly Statement[] {
  const column = table.columns.find((one) => one.name === name);
  if (column === undefined) return [];
  const ref = { table, alias: 't' };
  const draw = seeded(1);
  const needed = required(draw, { ...world, inputs: true }, ref);
  const keys = uniqueColumns(world, table).map((key) => `t."${key}"`);
  const path = `t."${name}"`;
  const rows = (condition: string): Statement[] => {
    // A calendar view is bound by the condition itself where that is what is asked about.
    const bound = what === 'range' && needed.length > 0 ? [] : needed;
    const from = `FROM ${table.declaration.name} t WHERE ${[...bound, condition].join(' AND ')}`;
    const base = { scope: world.scope, covers: [] };
    return [
      { ...base, sql: `SELECT ${[...keys, path].join(', ')} ${from}`, check: { kind: 'multiset' } },
      { ...base, sql: `SELECT count(*) ${from}`, check: { kind: 'multiset' } },
    ];
  };
  const samples = table.samples(name);
  switch (what) {
    case 'eq':
    case 'in': {
      const texts = variants(samples).map((text) => (what === 'eq' ? `${path} = ${quoted(text)}` : `${path} IN (${quoted(text)}, 'nobody has this')`));
      return texts.flatMap(rows);
    }
    case 'prefix':
      return variants(samples).flatMap((text) => [`${path} GLOB ${quoted(`${glob([...text].slice(0, 3).join(''))}*`)}`, `${path} LIKE ${quoted(`${[...text].slice(0, 8).join('')}%`)}`]).flatMap(rows);
    case 'contains':
      return samples.flatMap((sample) => elements(inside(sample), column)).flatMap(changed).map((text) => `${path} GLOB ${quoted(`*${glob(text)}*`)}`).flatMap(rows);
    case 'range': {
      const [low, high] = [samples[0] ?? "''", samples.at(-1) ?? "''"];
      return samples.flatMap((sample) => (needed.length > 0 ? [`${path} >= ${sample} AND ${path} <= ${high}`, `${path} >= ${low} AND ${path} < ${sample}`, `${path} > ${sample} AND ${path} <= ${high}`] : [`${path} > ${sample}`, `${path} < ${sample}`, `${path} >= ${sample}`, `${path} <= ${sample}`])).flatMap(rows);
    }
    case 'sort': {
      const where = needed.length === 0 ? '' : ` WHERE ${needed.join(' AND ')}`;
      const of = `SELECT ${[path, ...keys].join(', ')} FROM ${table.declaration.name} t${where}`;
      return ['', ' DESC'].flatMap((order) => [1, 5, 20, 1000].map((limit): Statement => ({ scope: world.scope, covers: [], sql: `${of} ORDER BY ${path}${order} LIMIT ${String(limit)}`, check: { kind: 'top', keys: [0], of } })));
    }
    default:
      return [];
  }
}

const glob = (text: string): string => text.replace(/[*?[]/g, (character) => `[${character}]`);

/** Texts that a service without case, or one that asks for a beginning only, takes for a value that occurs. */
function variants(samples: readonly string[]): readonly string[] {
  const texts = samples.map(inside).filter((text) => /\p{L}/u.test(text));
  const all = texts.flatMap((text) => [...changed(text), [...text].slice(0, -1).join('')]);
  return [...new Set(all)].filter((text) => text !== '');
}

const changed = (text: string): readonly string[] => [text.toUpperCase(), text.toLowerCase()].filter((one) => one !== text);

/** Elements of a JSON list as the driver takes them: one whole string, its member's name before it where there is one. */
function elements(text: string, column: ColumnDeclaration): readonly string[] {
  const member = column.filter?.contains?.member;
  return [...text.matchAll(member === undefined ? /"[^"\\]+"/g : new RegExp(`"${member}":"[^"\\\\]+"`, 'g'))].map((match) => (member === undefined ? match[0] : match[0].slice(member.length + 3)));
}
