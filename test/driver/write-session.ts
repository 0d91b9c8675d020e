/**
 * A connection whose writes a test sees instead of the service: a Mutator that remembers the rows it is given and answers as told.
 * Reads go to the sandbox, so that the rows of a statement are real.
 */
import { createCredential } from '../../src/auth/create-credential.js';
import { loadCatalog } from '../../src/catalog/load.js';
import { parseConnectionString, resolveOptions } from '../../src/driver/connection-string.js';
import { Connection } from '../../src/driver/connection.js';
import { systemTables } from '../../src/driver/system.js';
import { Transaction } from '../../src/driver/transaction.js';
import { createJudge } from '../../src/engine/judge.js';
import { ExchangeSqlError } from '../../src/errors.js';
import { GraphClient } from '../../src/graph/client.js';
import { createGraphSource } from '../../src/graph/source.js';
import { Trace } from '../../src/http/trace.js';
import { HttpTransport } from '../../src/http/transport.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import type { DescribedWrite, Mutator, RowOutcome, RowWrite, WriteContext, WritePlan, WriteShape } from '../../src/scan/write.js';
import type { SqlValue } from '../../src/scan/value.js';

export class RecordingMutator implements Mutator {
  readonly writes: { readonly shape: WriteShape; readonly rows: readonly RowWrite[] }[] = [];
  /** Columns read of each row beside the key. */
  read: readonly string[] = ['id', 'changeKey', 'userId'];
  /** Called before the rows are answered. */
  before: (context: WriteContext) => void = () => undefined;
  answer: (row: RowWrite, shape: WriteShape) => RowOutcome = (row, shape) => this.done(row, shape);
  refuse: (row: RowWrite) => void = () => undefined;

  planWrite(shape: WriteShape): WritePlan {
    const columns = loadCatalog('msgraph').table(shape.table)!.columns;
    for (const name of shape.columns) {
      const column = columns.find((one) => one.name === name);
      if (shape.kind !== 'delete' && column?.write === undefined && name !== 'parentFolderId' && name !== 'userId') throw new ExchangeSqlError('NOT_WRITABLE', `${shape.table}.${name} cannot be written`);
    }
    return { shape, read: shape.kind === 'insert' ? [] : this.read.filter((name) => columns.some((column) => column.name === name)), requests: [], detail: undefined };
  }

  checkRow(_plan: WritePlan, row: RowWrite): void {
    this.refuse(row);
  }

  describeWrites(): readonly DescribedWrite[] {
    return [];
  }

  async *write({ shape }: WritePlan, rows: readonly RowWrite[], context: WriteContext): AsyncGenerator<RowOutcome, void, void> {
    await Promise.resolve();
    this.writes.push({ shape, rows });
    this.before(context);
    let stopped = false;
    // In any order, says the contract: the last row answers first.
    const outcomes = rows.map((row): RowOutcome => {
      if (stopped || context.signal.aborted) return { row: row.row, status: 'skipped' };
      const outcome = this.answer(row, shape);
      stopped = context.onRowError === 'stop' && outcome.status !== 'done';
      return outcome;
    });
    yield* outcomes.reverse();
  }

  done(row: RowWrite, { columns, returning, kind }: WriteShape): RowOutcome {
    const id = kind === 'insert' ? `new-${String(row.row + 1)}` : (row.target[0] ?? null);
    const valueOf = (name: string): SqlValue => (name === 'id' ? id : name === 'changeKey' ? 'after' : (row.values[columns.indexOf(name)] ?? null));
    return { row: row.row, status: 'done', key: { id, changeKey: 'after' }, values: returning.map(valueOf) };
  }

  /** Rows of the last write, and that there was one only. */
  get only(): { readonly shape: WriteShape; readonly rows: readonly RowWrite[] } {
    if (this.writes.length !== 1) throw new Error(`${String(this.writes.length)} writes`);
    return this.writes[0]!;
  }
}

export function openRecording(sandbox: Sandbox, mutator: Mutator, properties = ''): Connection {
  const options = resolveOptions(parseConnectionString(`${sandbox.connectionString};${properties}`));
  const transport = new HttpTransport({ trace: Trace.off() });
  const credential = createCredential(options.credential, new URL(options.graphEndpoint).origin, transport);
  const client = new GraphClient({ root: options.graphEndpoint, credential, transport, ...(options.userId === undefined ? {} : { userId: options.userId }) });
  const catalog = loadCatalog('msgraph');
  const closing = new AbortController();
  const judge = createJudge({ tables: catalog.tables(), localTables: systemTables() });
  return new Connection({ options, catalog, judge, source: createGraphSource({ client, catalog, options }), mutator, warnings: [], transaction: new Transaction(), written: { identity: undefined }, unreported: [], closed: closing.signal }, async () => {
    closing.abort();
    judge.close();
    await transport.close();
  });
}
