/**
 * Thousands of writes of every kind, in an order nobody chose, on days when connections break after the service has done its work:
 * in the end the store is what a plain model says. The seed is in the name of the test; MIXED_SEED runs others.
 */
import { expect, onTestFinished, test } from 'vitest';
import { ExchangeSqlError, type Connection, type RowReport } from '../../src/index.js';
import { startSandbox, type Faults, type Sandbox } from '../../src/sandbox/index.js';
import { listed, open } from './office.js';

const SEEDS = (process.env['MIXED_SEED'] ?? '20261128,4711').split(',').map(Number);
const STATEMENTS = 300;

const BAD_DAY: Partial<Faults> = {
  emptyPages: true, shortPages: true, repeatRows: true, cutAfterWriteEvery: 13, gatewayTimeoutAfterWriteEvery: 149, gatewayTimeoutEvery: 131, throttleEvery: 83, serviceUnavailableEvery: 113, resetEvery: 31, truncateEvery: 37, malformedJsonEvery: 41, spuriousConflictEvery: 97, retryAfter: 0.01,
};

/** mulberry32: small, and the same everywhere. */
function dice(seed: number): { next(): number; below(n: number): number; pick<T>(list: readonly T[]): T } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return { next, below, pick: (list) => list[below(list.length)]! };
}

type Row = Record<string, string | boolean>;

interface Kind {
  readonly table: string;
  /** Column that names a row for people; unique in this test. */
  readonly name: string;
  /** Columns an update sets, with their values. */
  readonly values: Readonly<Record<string, readonly (string | boolean)[]>>;
  /** Further columns of an INSERT: the same for all rows. */
  readonly fixed: (n: number) => Readonly<Record<string, string>>;
  /** The rows by id as the service lists them. */
  readonly list: () => Promise<Map<string, Row>>;
  readonly most: number;
}

const literal = (value: string | boolean): string => (typeof value === 'boolean' ? String(value).toUpperCase() : `'${value.replaceAll("'", "''")}'`);

async function kindsOf(sandbox: Sandbox, connection: Connection): Promise<{ readonly kinds: readonly Kind[]; readonly places: readonly string[] }> {
  const { rows } = await connection.query("INSERT INTO MailFolders (displayName) VALUES ('Left'), ('Right') RETURNING id");
  const places = rows.map(({ id }) => String(id));
  const list = (await connection.query("INSERT INTO TodoLists (displayName) VALUES ('Mixed') RETURNING id")).rows[0]!['id'] as string;
  const listing = (path: string, columns: readonly string[]) => async (): Promise<Map<string, Row>> =>
    new Map((await listed(sandbox, path)).map((entity) => [String(entity['id']), Object.fromEntries(columns.map((column) => [column, entity[column] as string | boolean]))]));
  return {
    places,
    kinds: [
      {
        table: 'Messages', name: 'subject', values: { importance: ['low', 'normal', 'high'], isRead: [true, false], parentFolderId: places }, fixed: (n) => ({ parentFolderId: places[n % 2]! }), most: 20,
        list: async () => new Map((await Promise.all(places.map((place) => listing(`/me/mailFolders/${encodeURIComponent(place)}/messages?$top=1000`, ['subject', 'importance', 'isRead', 'parentFolderId'])()))).flatMap((map) => [...map])),
      },
      { table: 'MailFolders', name: 'displayName', values: { displayName: [] }, fixed: () => ({ parentFolderId: places[0]! }), most: 4, list: listing(`/me/mailFolders/${encodeURIComponent(places[0]!)}/childFolders?$top=1000`, ['displayName']) },
      { table: 'Contacts', name: 'displayName', values: { jobTitle: ['Cook', 'Baker', "Chef d'œuvre"], companyName: ['Contoso', 'Fabrikam'] }, fixed: () => ({}), most: 12, list: listing('/me/contacts?$top=1000', ['displayName', 'jobTitle', 'companyName']) },
      { table: 'Events', name: 'subject', values: { showAs: ['free', 'busy', 'oof'], sensitivity: ['normal', 'private'] }, fixed: (n) => ({ start_dateTime: `2026-05-${String((n % 28) + 1).padStart(2, '0')}T10:00:00Z`, end_dateTime: `2026-05-${String((n % 28) + 1).padStart(2, '0')}T11:00:00Z` }), most: 8, list: listing('/me/events?$top=1000', ['subject', 'showAs', 'sensitivity']) },
      { table: 'TodoTasks', name: 'title', values: { importance: ['low', 'normal', 'high'], status: ['notStarted', 'inProgress', 'deferred'] }, fixed: () => ({ listId: list }), most: 8, list: listing(`/me/todo/lists/${encodeURIComponent(list)}/tasks?$top=100`, ['title', 'importance', 'status']) },
      { table: 'Categories', name: 'displayName', values: { color: ['preset1', 'preset2', 'preset3'] }, fixed: () => ({}), most: 3, list: listing('/me/outlook/masterCategories', ['displayName', 'color']) },
    ],
  };
}

/** Rows of one table as they should be, and those whose outcome the driver does not know. */
class Model {
  readonly rows = new Map<string, Row>();
  readonly doubtful = new Set<string>();
}

test.each(SEEDS)('seed %i: the store is what the model says', async (seed) => {
  const random = dice(seed);
  const sandbox = await startSandbox({ messages: 0, seed: seed % 1000 });
  const connection = await open(sandbox, 'OnRowError=continue');
  onTestFinished(async () => {
    await connection.close();
    await sandbox.close();
  });
  const { kinds, places } = await kindsOf(sandbox, connection);
  const models = new Map(kinds.map((kind) => [kind, new Model()]));
  sandbox.faults.set(BAD_DAY);
  let names = 0;
  let written = 0;
  const notes: string[] = [];

  /** Rows reported, also where the statement ends in an error because an outcome is unknown. */
  const run = async (sql: string): Promise<readonly RowReport[]> => {
    try {
      return (await connection.query(sql)).outcomes ?? [];
    } catch (error) {
      if (!(error instanceof ExchangeSqlError) || error.outcomes === undefined) throw new Error(`${sql.slice(0, 200)} failed`, { cause: error });
      return error.outcomes;
    }
  };
  const note = (kind: Kind, verb: string, { status, message }: RowReport): void => {
    notes.push(`${verb} ${kind.table} ${status}: ${message ?? ''}`);
  };

  for (let statement = 0; statement < STATEMENTS; statement += 1) {
    const kind = random.pick(kinds);
    const model = models.get(kind)!;
    const known = [...model.rows.keys()].filter((id) => !model.doubtful.has(id));
    const count = 1 + random.below(kind.most);
    const chance = random.next();
    if (known.length < 5 || chance < 0.4) {
      const rows = Array.from({ length: count }, () => {
        const n = (names += 1);
        return { [kind.name]: `${kind.table} ${String(n)}`, ...kind.fixed(n), ...Object.fromEntries(Object.entries(kind.values).flatMap(([column, values]) => (values.length === 0 ? [] : [[column, random.pick(values)]]))) } as Row;
      });
      const columns = Object.keys(rows[0]!);
      const outcomes = await run(`INSERT INTO ${kind.table} (${columns.join(', ')}) VALUES ${rows.map((row) => `(${columns.map((column) => literal(row[column]!)).join(', ')})`).join(', ')}`);
      expect(outcomes).toHaveLength(rows.length);
      outcomes.forEach((report, index) => {
        const row = rows[index]!;
        if (report.status === 'done') model.rows.set(report.id!, row);
        else note(kind, 'INSERT', report);
        if (report.status === 'unknown') model.doubtful.add(String(row[kind.name]));
      });
      written += outcomes.length;
      continue;
    }
    // The ids in an order of their own: outcomes come in the order of the rows that were read.
    const chosen = new Set(Array.from({ length: count }, () => random.pick(known)));
    const where = `id IN (${[...chosen].map(literal).join(', ')})${kind.table === 'TodoTasks' ? ` AND listId = ${literal((kind.fixed(0) as { listId: string }).listId)}` : ''}`;
    if (chance < 0.8) {
      const guarded = random.below(3) === 0 && ['Messages', 'Contacts', 'Events'].includes(kind.table);
      const column = random.pick(Object.keys(kind.values));
      const value = kind.values[column]!.length === 0 ? `${kind.table} ${String((names += 1))}` : random.pick(kind.values[column]!);
      // A folder's name is unique among its siblings, so one is renamed at a time.
      const ids = kind.values[column]!.length === 0 ? [[...chosen][0]!] : [...chosen];
      const outcomes = await run(`UPDATE ${kind.table} SET ${column} = ${literal(value)} WHERE ${where.replace(/id IN \([^)]*\)/, `id IN (${ids.map(literal).join(', ')})`)}${guarded ? ' AND changeKey IS NOT NULL' : ''}`);
      expect(outcomes.length, `${kind.table} ${column}`).toBe(ids.length);
      for (const report of outcomes) {
        if (report.status === 'done') model.rows.set(report.id!, { ...model.rows.get(report.id!)!, [column]: value });
        else note(kind, 'UPDATE', report);
        if (report.status === 'unknown') ids.forEach((id) => model.doubtful.add(id));
      }
      // A guarded row may meet a spurious conflict; which one it was is not said of rows that failed.
      if (outcomes.some(({ status }) => status === 'failed')) {
        expect(guarded, JSON.stringify(outcomes.filter(({ status }) => status === 'failed'))).toBe(true);
        const done = new Set(outcomes.flatMap(({ status, id }) => (status === 'done' && id !== undefined ? [id] : [])));
        for (const id of ids) if (!done.has(id)) expect(model.rows.get(id)).toBeDefined();
      }
      written += outcomes.length;
      continue;
    }
    const outcomes = await run(`DELETE FROM ${kind.table} WHERE ${where}`);
    const done = new Set(outcomes.flatMap(({ status, id }) => (status === 'done' && id !== undefined ? [id] : [])));
    for (const report of outcomes) if (report.status !== 'done') note(kind, 'DELETE', report);
    for (const id of chosen) {
      if (done.has(id)) model.rows.delete(id);
      else if (outcomes.some(({ status }) => status === 'unknown')) model.doubtful.add(id);
    }
    written += outcomes.length;
  }

  sandbox.faults.reset();
  expect(places).toHaveLength(2);
  for (const kind of kinds) {
    const model = models.get(kind)!;
    const store = await kind.list();
    const certain = (rows: Map<string, Row>): string[] => [...rows].filter(([id, row]) => !model.doubtful.has(id) && !model.doubtful.has(String(row[kind.name]))).map(([id, row]) => JSON.stringify([id, [kind.name, ...Object.keys(kind.values)].map((column) => row[column])])).sort();
    expect(certain(store), kind.table).toEqual(certain(model.rows));
    // Never twice, also where the driver does not know.
    const unique = [...store.values()].map((row) => row[kind.name]);
    expect(new Set(unique).size, `${kind.table} twice`).toBe(unique.length);
  }
  const unknown = notes.filter((line) => line.includes(' unknown'));
  expect(written).toBeGreaterThan(1000);
  expect(unknown.length, unknown.join('\n')).toBeLessThan(written / 50);
}, 180_000);
