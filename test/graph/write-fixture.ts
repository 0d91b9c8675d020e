/** What the tests of writing share: plans over the shipped catalog, rows, and the requests of a row as plain text. */
import { loadCatalog } from '../../src/catalog/load.js';
import { WritePlans } from '../../src/graph/write-plans.js';
import type { GraphWriteOptions } from '../../src/graph/write-plans.js';
import { isLate } from '../../src/graph/write-step.js';
import type { WriteJob } from '../../src/graph/write-step.js';
import type { SqlValue } from '../../src/scan/value.js';
import type { WriteKind, WriteShape } from '../../src/scan/write.js';

export const catalog = loadCatalog('msgraph');

export const plans = (options: GraphWriteOptions = {}): WritePlans => new WritePlans({ root: 'https://graph.contoso.example/v1.0', catalog, options });

export type Values = Readonly<Record<string, SqlValue | undefined>>;

export interface Wish {
  readonly set?: Values;
  /** What was read of the row; columns that are not named were NULL. */
  readonly of?: Values;
  readonly returning?: readonly string[];
  readonly guarded?: boolean;
  readonly options?: GraphWriteOptions;
}

export function shapeOf(kind: WriteKind, table: string, { set = {}, returning = [], guarded = false }: Wish): WriteShape {
  return { kind, table, columns: Object.keys(set), returning, guarded };
}

/** The job of one row, checked before. */
export function job(kind: WriteKind, table: string, wish: Wish): WriteJob {
  const planner = plans(wish.options);
  const plan = planner.planWrite(shapeOf(kind, table, wish));
  const row = { row: 0, values: Object.values(wish.set ?? {}), target: plan.read.map((name) => wish.of?.[name] ?? null) };
  planner.checkRow(plan, row);
  let count = 0;
  const [first] = [...planner.jobs(plan, [row], () => `new-${String((count += 1))}`)];
  if (first === undefined) throw new Error('no job');
  return first;
}

/** `METHOD url` and the body of every request of a row. */
export function requests(kind: WriteKind, table: string, wish: Wish): readonly (readonly [string, unknown])[] {
  return job(kind, table, wish).steps.map(({ method, url, body }) => [`${method} ${url}`, body === undefined ? undefined : isLate(body) ? body.shown : 'json' in body ? body.json : body.bytes]);
}

export const read = (kind: WriteKind, table: string, wish: Wish): readonly string[] => plans(wish.options).planWrite(shapeOf(kind, table, wish)).read;
