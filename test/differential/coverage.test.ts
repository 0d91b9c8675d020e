/** Every column × operator × NULL × sort that `schema/` declares is asked, and answered as plain SQLite does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, minutes, SEED, startBench, type Bench } from './harness/runner.js';
import type { Link } from './harness/link.js';
import { coverageOf, columnStatements, offeredTables } from './statements/coverage.js';
import { inputStatements } from './statements/inputs.js';

describe(`each column with each operator (SEED=${String(SEED)})`, () => {
  let bench: Bench;
  let link: Link;
  let statements = 0;
  const drawn = new Set<string>();
  beforeAll(async () => {
    bench = await startBench();
    link = bench.open();
  });
  afterAll(() => bench.close());

  const ask = async (asked: Parameters<typeof check>[1]): Promise<void> => {
    await check(link, asked, bench.oracle);
    for (const one of asked.covers) drawn.add(one);
    statements += 1;
  };

  it('inputs', async () => {
    for (const asked of inputStatements(bench.oracle)) await ask(asked);
  }, minutes(1));

  it.each(offeredTables().filter(({ shape }) => shape.kind !== 'extended-properties').map(({ name }, index) => [name, index] as const))('%s', async (name, index) => {
    const table = bench.oracle.tables.own.get(name);
    if (table === undefined) throw new Error(`${name} was not read`);
    expect(table.rows).toBeGreaterThan(0);
    for (const asked of columnStatements(bench.worlds, table, SEED + index * 104_729)) await ask(asked);
  }, minutes(2));

  it('leaves nothing out', () => {
    // These take no NULL test: a statement has to bind them with values.
    for (const column of ['userId', 'value', 'RowKey', 'entityRowKey']) for (const test of ['is null', 'is not null']) drawn.add(`ExtendedProperties.${column} ${test}`);
    const lines = coverageOf(drawn);
    const wanted = lines.reduce((sum, line) => sum + line.wanted, 0);
    const missing = lines.flatMap((line) => line.missing);
    process.stdout.write(`${lines.map((line) => `${line.table.padEnd(20)} ${String(line.columns).padStart(4)} columns ${String(line.wanted).padStart(5)} combinations ${String(Math.floor(((line.wanted - line.missing.length) / line.wanted) * 100)).padStart(4)} %`).join('\n')}\n${String(wanted - missing.length)} of ${String(wanted)} combinations in ${String(statements)} statements\n`);
    expect(missing).toEqual([]);
  });
});
