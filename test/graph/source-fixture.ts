import { loadCatalog } from '../../src/catalog/load.js';
import type { GraphClient } from '../../src/graph/client.js';
import { createGraphSource } from '../../src/graph/source.js';
import type { GraphSourceOptions } from '../../src/graph/source.js';
import type { Conjunct, Predicate } from '../../src/scan/predicate.js';
import type { Scan, ScanPlan } from '../../src/scan/scan.js';
import type { RunContext, Source, Warning } from '../../src/scan/source.js';
import { asRowLimit } from '../../src/scan/value.js';
import type { SqlValue } from '../../src/scan/value.js';
import { statistics } from './client-fixture.js';

export const catalog = await loadCatalog('msgraph');

export function sourceOf(client: GraphClient, options: GraphSourceOptions = {}): Source {
  return createGraphSource({ client, catalog, options });
}

export interface Ask {
  readonly columns?: readonly string[];
  readonly where?: readonly Predicate[];
  readonly order?: Scan['order'];
  readonly limit?: number;
  readonly countOnly?: boolean;
  readonly residuals?: Scan['residuals'];
}

export const conjunct = (predicate: Predicate, complete = true): Conjunct => ({ predicate, complete, sql: JSON.stringify(predicate, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)) });

export function scan(table: string, { columns = ['id'], where = [], order, limit, countOnly, residuals = [] }: Ask = {}): Scan {
  return {
    id: 0,
    table,
    reference: table,
    columns,
    conjuncts: where.map((predicate) => conjunct(predicate)),
    residuals,
    ...(order === undefined ? {} : { order }),
    ...(limit === undefined ? {} : { limit: asRowLimit(limit) }),
    ...(countOnly === undefined ? {} : { countOnly }),
  };
}

export const eq = (column: string, value: string | bigint | number): Predicate => ({ kind: 'compare', column, op: 'eq', value });
export const compare = (column: string, op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', value: string | bigint | number): Predicate => ({ kind: 'compare', column, op, value });
export const oneOf = (column: string, ...values: (string | bigint)[]): Predicate => ({ kind: 'in', column, values });

export interface TestContext extends RunContext {
  readonly warnings: Warning[];
}

export function context(more: Partial<RunContext> = {}): TestContext {
  const warnings: Warning[] = [];
  return { signal: new AbortController().signal, statistics: statistics(), now: new Date('2026-01-01T00:00:00Z'), warn: (warning) => warnings.push(warning), ...more, warnings };
}

export async function rows(source: Source, plan: ScanPlan, running: RunContext = context()): Promise<SqlValue[][]> {
  const all: SqlValue[][] = [];
  for await (const page of source.run(plan, running)) all.push(...page.rows.map((row) => [...row]));
  return all;
}
