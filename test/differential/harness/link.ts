/**
 * A connection as `connect` makes it, with what only a test may choose: its declarations, its rules of soundness, its source.
 * Rows come as the engine has them, so that 5 and 5.0 differ.
 */
import { createCredential } from '../../../src/auth/create-credential.js';
import { Catalog, loadCatalog } from '../../../src/catalog/load.js';
import type { TableDeclaration } from '../../../src/catalog/table.js';
import { parseConnectionString, resolveOptions } from '../../../src/driver/connection-string.js';
import type { Session } from '../../../src/driver/session.js';
import { startStatement } from '../../../src/driver/statement.js';
import { Transaction } from '../../../src/driver/transaction.js';
import { systemTables } from '../../../src/driver/system.js';
import { createJudge } from '../../../src/engine/judge.js';
import { GraphClient } from '../../../src/graph/client.js';
import { createGraphSource } from '../../../src/graph/source.js';
import { Trace } from '../../../src/http/trace.js';
import { HttpTransport } from '../../../src/http/transport.js';
import type { SoundnessSwitches } from '../../../src/planner/index.js';
import type { RunStatistics, Source, Warning } from '../../../src/scan/source.js';
import type { Mutator } from '../../../src/scan/write.js';
import type { SqlValue } from '../../../src/scan/value.js';

export type Row = readonly SqlValue[];

export interface Answer {
  readonly rows: readonly Row[];
  readonly statistics: RunStatistics;
  readonly warnings: readonly Warning[];
}

export class Link {
  readonly #session: Session;
  readonly #client: GraphClient;
  readonly #close: () => Promise<void>;

  constructor(session: Session, client: GraphClient, close: () => Promise<void>) {
    this.#session = session;
    this.#client = client;
    this.#close = close;
  }

  async run(sql: string): Promise<Answer> {
    const statement = await startStatement(this.#session, sql, [], {});
    const rows: Row[] = [];
    for await (const batch of statement.batches) rows.push(...(batch as readonly Row[]));
    return { rows, statistics: statement.statistics, warnings: statement.warnings };
  }

  /** The same connection with other declarations; shares what is slow to make. Remembers refusals of its own. */
  declaring(change: (table: TableDeclaration) => TableDeclaration): Link {
    const catalog = new Catalog('msgraph', loadCatalog('msgraph').tables().filter(({ aliasOf }) => aliasOf === undefined).map(change));
    const source = createGraphSource({ client: this.#client, catalog, options: this.#session.options });
    return new Link({ ...this.#session, catalog, source }, this.#client, () => Promise.resolve());
  }

  /** The same connection with rules of soundness turned off. */
  without(rules: SoundnessSwitches): Link {
    return new Link({ ...this.#session, rules }, this.#client, () => Promise.resolve());
  }

  /** The same connection to another source. */
  asking(source: Source): Link {
    return new Link({ ...this.#session, source }, this.#client, () => Promise.resolve());
  }

  /** The same connection with writes that go elsewhere. */
  writing(mutator: Mutator): Link {
    return new Link({ ...this.#session, mutator }, this.#client, () => Promise.resolve());
  }

  close(): Promise<void> {
    return this.#close();
  }
}

export function openLink(connectionString: string): Link {
  const options = resolveOptions(parseConnectionString(connectionString));
  const transport = new HttpTransport({ trace: Trace.off() });
  const credential = createCredential(options.credential, new URL(options.graphEndpoint).origin, transport);
  const client = new GraphClient({ root: options.graphEndpoint, credential, transport, ...(options.userId === undefined ? {} : { userId: options.userId }) });
  const catalog = loadCatalog('msgraph');
  const closing = new AbortController();
  const session: Session = {
    options,
    catalog,
    judge: createJudge({ tables: catalog.tables(), localTables: systemTables() }),
    source: createGraphSource({ client, catalog, options }),
    warnings: [],
    transaction: new Transaction(),
    written: { identity: undefined },
    unreported: [],
    closed: closing.signal,
  };
  return new Link(session, client, async () => {
    closing.abort();
    session.judge.close();
    await transport.close();
  });
}
