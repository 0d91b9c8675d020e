/**
 * Owns: replacing FOLDER('…') and well-known folder names by ids before a statement runs.
 * Does not own: where they stand (planner/), how a folder is found (the Source).
 * Invariants: a path that does not exist is an error; a plain text that is no folder's name stays what it is.
 */
import { ExchangeSqlError } from '../errors.js';
import { applyFolderIds, collectFolderNames, type CollectedFolders, type FolderName } from '../planner/index.js';
import type { EditedText } from '../sql/index.js';
import type { BoundSelect, StatementContext } from './statement-context.js';

export async function resolveFolders(context: StatementContext, select: BoundSelect): Promise<BoundSelect> {
  const collected = collect(context, select);
  if (collected.folders.length === 0) return select;
  const ids = new Map(await Promise.all(collected.folders.map(async (folder) => [folder, await idsOf(context, select, folder)] as const)));
  return edited(select, applyFolderIds(select.text, collected, (folder) => ids.get(folder)));
}

/** For EXPLAIN, which sends nothing: names stay in the place of ids. */
export function nameFolders(context: StatementContext, select: BoundSelect): BoundSelect {
  const collected = collect(context, select);
  return collected.folders.length === 0 ? select : edited(select, applyFolderIds(select.text, collected, () => undefined));
}

function collect({ session: { judge, catalog } }: StatementContext, select: BoundSelect): CollectedFolders {
  return collectFolderNames({ sql: select.text, judge, tables: (name) => catalog.table(name), parameters: select.parameters, toOriginal: (offset) => select.toOriginal(offset) });
}

function edited(select: BoundSelect, { text, toOriginal }: EditedText): BoundSelect {
  return { ...select, text, toOriginal: (offset) => select.toOriginal(toOriginal(offset)) };
}

/** One id a mailbox. */
async function idsOf(context: StatementContext, select: BoundSelect, { kind, name, mailboxes, isCall, span }: FolderName): Promise<readonly string[]> {
  const scan = context.scanContext(context.statistics);
  const wanted = mailboxes.length === 0 ? [undefined] : mailboxes;
  const found = await Promise.all(wanted.map((mailbox) => context.session.source.resolveFolder(kind, name, mailbox, scan)));
  const missing = found.indexOf(undefined);
  if (missing !== -1 && isCall) {
    const mailbox = wanted[missing];
    throw new ExchangeSqlError('NOT_FOUND', `there is no folder '${name}'${mailbox === undefined ? '' : ` in the mailbox ${mailbox}`}`, {
      position: select.toOriginal(span.start),
      hint: kind === 'mail' ? 'SELECT path FROM MailFolders lists the folders.' : 'SELECT displayName FROM ContactFolders lists the folders.',
    });
  }
  return found.filter((id) => id !== undefined);
}
