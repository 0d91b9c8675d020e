/**
 * Owns: folder names among the values a statement writes: FOLDER('/Inbox/Clients'), 'inbox' for a folder column.
 * Does not own: folder names in conditions (folders.ts), how a folder is found (the Source).
 * Invariants: a name is looked for in the mailbox of the row that gets it, once a statement; FOLDER() of a folder that is not there
 * is an error before anything is written; another text stays what it is.
 */
import type { ColumnDeclaration } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import { isWellKnownFolder } from '../planner/index.js';
import type { FolderKind } from '../scan/source.js';
import type { SqlValue } from '../scan/value.js';
import type { StatementContext } from './statement-context.js';

export interface FolderValue {
  readonly column: ColumnDeclaration;
  readonly value: SqlValue | undefined;
  /** Mailbox of the row; undefined for the connection's own. */
  readonly mailbox: string | undefined;
  readonly isCall: boolean;
  readonly position: number | undefined;
}

/** Ids in the place of folder names. */
export class FolderValues {
  readonly #context: StatementContext;
  readonly #known = new Map<string, Promise<string | undefined>>();

  constructor(context: StatementContext) {
    this.#context = context;
  }

  async resolve({ column: { name, folder }, value, mailbox, isCall, position }: FolderValue): Promise<SqlValue | undefined> {
    if (folder === undefined || typeof value !== 'string') return value;
    const { catalog } = this.#context.session;
    if (!isCall && !isWellKnownFolder(folder, value, (table) => catalog.table(table))) return value;
    const id = await this.#find(folder, isCall ? value : value.trim().toLowerCase(), mailbox);
    if (id !== undefined || !isCall) return id ?? value;
    throw new ExchangeSqlError('NOT_FOUND', `there is no folder '${value}'${mailbox === undefined ? '' : ` in the mailbox ${mailbox}`} to put into ${name}`, {
      ...(position === undefined ? {} : { position }),
      hint: folder === 'mail' ? 'SELECT path FROM MailFolders lists the folders.' : 'SELECT displayName FROM ContactFolders lists the folders.',
    });
  }

  #find(kind: FolderKind, name: string, mailbox: string | undefined): Promise<string | undefined> {
    const key = JSON.stringify([kind, name, mailbox ?? null]);
    let found = this.#known.get(key);
    if (found === undefined) {
      found = this.#context.session.source.resolveFolder(kind, name, mailbox, this.#context.scanContext(this.#context.statistics));
      this.#known.set(key, found);
    }
    return found;
  }
}
