/** Small tables, a judge over them, and a compact notation for plans. */
import type { ColumnDeclaration, TableDeclaration } from '../../src/catalog/table.js';
import { createJudge } from '../../src/engine/index.js';
import { planStatement } from '../../src/planner/index.js';
import type { PlanInput, PlannedScan, StatementPlan } from '../../src/planner/index.js';
import type { Predicate } from '../../src/scan/predicate.js';
import type { SqlValue } from '../../src/scan/value.js';
import { translate } from '../../src/sql/index.js';

type Short = readonly [name: string, type: ColumnDeclaration['type'], more?: Partial<ColumnDeclaration>];

const table = (name: string, columns: readonly Short[], more: Partial<TableDeclaration> = {}): TableDeclaration => ({
  name,
  description: name,
  scope: 'mailbox',
  shape: { kind: 'collection', path: `/${name}` },
  key: ['id'],
  columns: columns.map(([column, type, rest]) => ({ name: column, type, description: column, ...rest })),
  ...more,
});

const USER: Short = ['userId', 'text', { origin: 'mailbox', selector: true, nullable: false }];

export const TABLES: readonly TableDeclaration[] = [
  table(
    'Messages',
    [
      ['id', 'text', { nullable: false }],
      ['subject', 'text'],
      ['size', 'integer'],
      ['score', 'double'],
      ['isRead', 'boolean'],
      ['importance', 'text', { values: ['low', 'normal', 'high'] }],
      ['receivedDateTime', 'timestamp'],
      ['createdDateTime', 'timestamp', { fraction: 7 }],
      ['parentFolderId', 'text', { folder: 'mail' }],
      ['conversationId', 'text'],
      ['body', 'text'],
      ['categories', 'json'],
      ['content', 'binary'],
      ['IncludeSubfolders', 'boolean', { pseudo: true }],
      USER,
    ],
    { options: { rules: 'messages', select: true, orderby: true, count: true, skip: true, search: true, top: 1000 } },
  ),
  table('Folders', [['id', 'text', { nullable: false, folder: 'mail' }], ['displayName', 'text'], ['parentFolderId', 'text', { folder: 'mail' }], ['total', 'integer'], ['wellKnownName', 'text', { values: ['inbox', 'drafts'] }], USER]),
  table('Attachments', [['id', 'text', { nullable: false }], ['messageId', 'text'], ['name', 'text'], ['size', 'integer'], ['isInline', 'boolean'], ['lastModifiedDateTime', 'timestamp'], USER]),
  table('Contacts', [['id', 'text', { nullable: false }], ['displayName', 'text'], ['age', 'integer'], ['email', 'text'], ['birthday', 'timestamp'], ['parentFolderId', 'text', { folder: 'contact' }], USER]),
];

export const tableOf = (name: string): TableDeclaration | undefined => TABLES.find((one) => one.name.toLowerCase() === name.toLowerCase());

export const judge = createJudge({
  tables: TABLES,
  localTables: [{ schema: 'main', name: 'sys_tables', columns: [{ name: 'TableName', type: 'text' }] }],
});

const LOOKUPS = new Set(['Messages.id', 'Messages.userId', 'Messages.parentFolderId', 'Folders.id', 'Folders.userId', 'Attachments.messageId', 'Attachments.userId', 'Contacts.id', 'Contacts.userId']);

export type PlanOptions = Partial<Omit<PlanInput, 'parameters'>> & { readonly parameters?: readonly SqlValue[] };

export function plan(sql: string, { parameters = [], ...options }: PlanOptions = {}): StatementPlan {
  return planStatement({ sql, judge, tables: tableOf, parameters: { positional: parameters, named: {} }, canLookup: (name, column) => LOOKUPS.has(`${name}.${column}`), ...options });
}

export const NOW = new Date('2024-06-01T12:00:00Z');

/** As the driver does it: the conveniences first. */
export const translated = (sql: string): string => translate(sql, { now: NOW, schemas: [], catalogs: [] }).text;

const OPERATORS = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
const value = (one: SqlValue): string => (typeof one === 'string' ? `'${one}'` : String(one));

export function notation(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'compare':
      return `${predicate.column} ${OPERATORS[predicate.op]} ${value(predicate.value)}`;
    case 'in':
      return `${predicate.column} in ${predicate.values.map(value).join(',')}`;
    case 'prefix':
      return `${predicate.column} starts ${value(predicate.prefix)}${predicate.caseSensitive ? ' cased' : ''}`;
    case 'contains':
      return `${predicate.column} has ${value(predicate.text)}${predicate.caseSensitive ? ' cased' : ''}`;
    case 'null':
      return `${predicate.column} is${predicate.negated ? ' not' : ''} null`;
    case 'search':
      return `search ${value(predicate.text)}`;
    case 'any':
      return `(${predicate.arms.map(notation).join(' | ')})`;
    case 'all':
      return `(${predicate.arms.map(notation).join(' & ')})`;
    case 'never':
      return 'never';
  }
}

/** `Messages: isRead = 1; subject starts 'a' (part); ?negation; order size desc; limit 5` */
export function scanNotation({ scan, lookups, limitReason }: PlannedScan): string {
  const parts = [
    ...scan.conjuncts.map(({ predicate, complete }) => `${notation(predicate)}${complete ? '' : ' (part)'}`),
    ...scan.residuals.map(({ reason }) => `?${reason}`),
    ...(scan.order === undefined ? [] : [`order ${scan.order.map(({ column, descending }) => `${column}${descending ? ' desc' : ''}`).join(', ')}`]),
    ...(scan.limit === undefined ? [] : [`limit ${String(scan.limit)}`]),
    ...(limitReason === undefined ? [] : [`no limit: ${limitReason}`]),
    ...(scan.countOnly === true ? ['count'] : []),
    ...lookups.map(({ column, after, required }) => `lookup ${column} after ${after.join(',')}${required === true ? ' required' : ''}`),
  ];
  return `${scan.table}: ${parts.join('; ')}`;
}

export const scansOf = (sql: string, options?: PlanOptions): readonly string[] => plan(sql, options).scans.map(scanNotation);
