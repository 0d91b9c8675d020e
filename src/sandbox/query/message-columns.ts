/**
 * Owns: which message properties are columns of the store, and the conditions SQL decides for them.
 * Does not own: what a filter means (odata/).
 * Invariants: a column holds exactly what the entity's member holds (times in milliseconds, texts folded); a condition marked
 * exact is true for exactly the rows the filter is true for, any other for at least those.
 */
import type { Ids } from '../ids.js';
import { compileFilter, type ColumnMap, type FilterNode } from '../odata/index.js';

export const SORT_COLUMNS: Readonly<Record<string, string | undefined>> = {
  receivedDateTime: 'received', sentDateTime: 'sent', createdDateTime: 'created', lastModifiedDateTime: 'modified', isRead: 'is_read', isDraft: 'is_draft',
  hasAttachments: 'has_attachments', subject: 'subject_folded', 'from/emailAddress/address': 'from_folded',
};

const COLUMNS: ColumnMap = {
  receivedDateTime: { sql: 'received', kind: 'instant' }, sentDateTime: { sql: 'sent', kind: 'instant' }, createdDateTime: { sql: 'created', kind: 'instant' },
  lastModifiedDateTime: { sql: 'modified', kind: 'instant' }, isRead: { sql: 'is_read', kind: 'boolean' }, isDraft: { sql: 'is_draft', kind: 'boolean' },
  hasAttachments: { sql: 'has_attachments', kind: 'boolean' }, subject: { sql: 'subject_folded', kind: 'folded' },
  'from/emailAddress/address': { sql: 'from_folded', kind: 'folded' }, internetMessageId: { sql: 'message_id', kind: 'folded' },
};

/** Enumerations are stored as they are spelled. */
const ENUMS: Readonly<Record<string, string | undefined>> = { importance: 'importance', 'flag/flagStatus': 'flag', inferenceClassification: 'inference' };

export interface Condition {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
  readonly exact: boolean;
}

const EVERY: Condition = { sql: '1', parameters: [], exact: true };

export function conditionOf(node: FilterNode | undefined, ids: Ids): Condition {
  if (node === undefined) return EVERY;
  if (node.kind === 'binary' && node.operator === 'and') {
    const left = conditionOf(node.left, ids);
    const right = conditionOf(node.right, ids);
    return { sql: `${left.sql} AND ${right.sql}`, parameters: [...left.parameters, ...right.parameters], exact: left.exact && right.exact };
  }
  const compiled = compileFilter(node, COLUMNS);
  if (compiled !== undefined) return { ...compiled, exact: true };
  if (node.kind === 'binary' && node.operator === 'eq' && node.left.kind === 'path' && node.left.variable === undefined && node.right.kind === 'literal' && typeof node.right.value === 'string') {
    const path = node.left.segments.join('/');
    const column = ENUMS[path];
    if (column !== undefined) return { sql: `${column} = ?`, parameters: [node.right.value], exact: true };
    const ref = path === 'conversationId' ? ids.read(node.right.value) : undefined;
    // Texts compare without case, so the conversation whose id differs only by case is a candidate too.
    if (ref !== undefined && ref.row >= 0) return { sql: 'conversation IN (?, ?)', parameters: [ref.row - (ref.row % 2), ref.row - (ref.row % 2) + 1], exact: false };
  }
  return { sql: '1', parameters: [], exact: false };
}
