/**
 * Owns: the checks a table declaration must pass before it becomes part of a catalog.
 * Does not own: the JSON Schema for editors (schema/table.schema.json), which says the same to a human.
 * Invariants: every error names the file and the member; what passes has the shape of TableDeclaration.
 */
import { ExchangeSqlError } from '../errors.js';
import type { ColumnDeclaration, TableDeclaration } from './table.js';

export type Code = 'INTERNAL' | 'CONNECTION_STRING';

export interface DeclarationFile {
  readonly file: string;
  readonly code: Code;
  readonly declaration: TableDeclaration;
}

type Json = Readonly<Record<string, unknown>>;
export type Rule = (value: unknown, at: string, fail: Fail) => void;
export type Fail = (at: string, problem: string) => never;

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const text: Rule = (value, at, fail) => {
  if (typeof value !== 'string' || value === '') fail(at, 'has to be text that is not empty');
};
export const flag: Rule = (value, at, fail) => {
  if (typeof value !== 'boolean') fail(at, 'has to be true or false');
};
const count: Rule = (value, at, fail) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) fail(at, 'has to be a whole number, 0 or more');
};
export const oneOf = (...allowed: readonly unknown[]): Rule => (value, at, fail) => {
  if (!allowed.includes(value)) fail(at, `has to be one of ${allowed.map((item) => JSON.stringify(item)).join(', ')}`);
};
export const listOf = (item: Rule, least = 0): Rule => (value, at, fail) => {
  if (!Array.isArray(value) || value.length < least) return fail(at, least > 0 ? 'has to be a list that is not empty' : 'has to be a list');
  value.forEach((member, index) => {
    item(member, `${at}[${String(index)}]`, fail);
  });
};
const mapOf = (item: Rule): Rule => (value, at, fail) => {
  if (!isObject(value)) return fail(at, 'has to be an object');
  for (const [name, member] of Object.entries(value)) item(member, `${at}.${name}`, fail);
};
export const objectOf = (required: Readonly<Record<string, Rule>>, optional: Readonly<Record<string, Rule>> = {}): Rule => (value, at, fail) => {
  if (!isObject(value)) return fail(at, 'has to be an object');
  for (const [name, rule] of Object.entries(required)) {
    if (!Object.hasOwn(value, name)) fail(at, `lacks the member "${name}"`);
    rule(value[name], `${at}.${name}`, fail);
  }
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(required, name)) continue;
    const rule = Object.hasOwn(optional, name) ? optional[name] : undefined;
    if (rule === undefined) fail(at, `has the unknown member "${name}"`);
    else rule(member, `${at}.${name}`, fail);
  }
};

export const identifier: Rule = (value, at, fail) => {
  // Such names need no quoting in SQL.
  if (typeof value !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) fail(at, 'has to be a name of letters, digits and _');
};
export const servicePath: Rule = (value, at, fail) => {
  if (typeof value !== 'string' || !/^\/[^?#\s]*$/.test(value)) fail(at, 'has to be a path that begins with / and has no query');
};

const anything: Rule = () => undefined;
const either = (first: Rule, second: Rule, isFirst: (value: unknown) => boolean): Rule => (value, at, fail) => {
  (isFirst(value) ? first : second)(value, at, fail);
};
const hasMember = (member: string) => (value: unknown): boolean => isObject(value) && Object.hasOwn(value, member);

const otherwise = either(objectOf({ column: identifier }), objectOf({ value: text }), hasMember('column'));
const exactness = oneOf('exact', 'inexact');
const capability = objectOf(
  { push: exactness, as: oneOf('compare', 'startswith', 'contains', 'any', 'key', 'path', 'window') },
  { path: servicePath, widen: count, closed: flag, member: text, quoted: flag, lenient: flag, notWithOrder: flag, advanced: flag },
);
const column = objectOf(
  {
    name: identifier,
    type: oneOf('text', 'timestamp', 'date', 'time', 'boolean', 'integer', 'bigint', 'double', 'json', 'binary'),
    description: text,
  },
  {
    fraction: oneOf(0, 3, 7),
    nullable: flag,
    origin: oneOf('entity', 'parent', 'element', 'mailbox', 'computed'),
    path: text,
    zonePath: text,
    column: identifier,
    compute: text,
    select: listOf(text),
    expand: text,
    extra: flag,
    single: flag,
    values: listOf(text, 1),
    length: count,
    pseudo: flag,
    unique: flag,
    selector: flag,
    folder: oneOf('mail', 'contact'),
    references: text,
    write: objectOf({}, { create: oneOf(true, false, 'required'), update: oneOf(true, false, 'draft'), why: text, otherwise: otherwise, keep: identifier }),
    itemValues: listOf(text, 1),
    items: oneOf('text', 'recipient', 'attendee', 'address', 'header', 'object'),
    filter: objectOf({}, { eq: capability, ne: capability, range: capability, in: capability, prefix: capability, contains: capability }),
    sort: exactness,
  },
);

const SHAPES: Readonly<Record<string, Rule>> = {
  collection: objectOf({ kind: text, path: servicePath }, { item: servicePath }),
  tree: objectOf({ kind: text, path: servicePath, children: servicePath, item: servicePath }, { childCount: text, query: mapOf(text) }),
  children: objectOf(
    { kind: text, path: servicePath, parent: identifier, parentColumn: identifier },
    { item: servicePath, parentKey: identifier, parentFilter: text, parentFlag: text, parentUnless: identifier, grandparentColumn: identifier, window: flag },
  ),
  elements: objectOf(
    { kind: text, parent: identifier, parentColumn: identifier, arrays: listOf(objectOf({ path: text }, { kind: text }), 1), ordinalColumn: identifier },
    { kindColumn: identifier },
  ),
  singleton: objectOf({ kind: text, path: servicePath }),
  window: objectOf({ kind: text, path: servicePath, startColumn: identifier, endColumn: identifier }),
  'extended-properties': objectOf({ kind: text }),
  'not-offered': objectOf({ kind: text, reason: text }),
};
const shape: Rule = (value, at, fail) => {
  if (!isObject(value) || typeof value.kind !== 'string' || !Object.hasOwn(SHAPES, value.kind)) return fail(at, `has to have a kind of ${Object.keys(SHAPES).join(', ')}`);
  SHAPES[value.kind]?.(value, at, fail);
};

const allowed = either(oneOf(true), text, (value) => typeof value !== 'string');
const deleteForm: Rule = (value, at, fail) => {
  if (hasMember('refused')(value)) return objectOf({ refused: text })(value, at, fail);
  const by = isObject(value) ? value.by : undefined;
  objectOf({ by: oneOf('delete', 'action', 'move'), ...(by === 'delete' ? {} : { path: servicePath }), ...(by === 'move' ? { to: text } : {}) })(value, at, fail);
};
const placeOrMove = objectOf({ column: identifier, path: servicePath });
const permission = objectOf({ delegated: text }, { application: text });
const tableWrite = objectOf(
  {
    insert: allowed,
    update: allowed,
    delete: allowed,
    permissions: permission,
    recover: either(oneOf('mark', 'transaction'), objectOf({ equal: listOf(identifier) }, { created: text }), (value) => typeof value === 'string'),
  },
  {
    form: oneOf('event', 'attachment', 'drive', 'reference'),
    item: servicePath,
    place: placeOrMove,
    move: placeOrMove,
    modes: objectOf({ MoveToDeletedItems: deleteForm, SoftDelete: deleteForm, HardDelete: deleteForm }),
    version: objectOf({ column: identifier, by: oneOf('if-match', 'look') }),
    repeat: listOf(identifier, 1),
    constant: mapOf(anything),
    silent: oneOf(true),
  },
);

const table = objectOf(
  { name: identifier, description: text, scope: oneOf('mailbox', 'tenant'), shape, key: listOf(identifier), columns: listOf(column) },
  {
    $schema: text,
    entity: text,
    derived: listOf(text),
    aliases: listOf(identifier),
    options: objectOf({
      rules: oneOf('messages', 'events', 'plain', 'directory', 'none'),
      select: flag,
      orderby: flag,
      count: flag,
      skip: flag,
      search: flag,
      top: count,
    }),
    omitted: mapOf(text),
    lacking: mapOf(text),
    identity: listOf(identifier, 1),
    permissions: permission,
    write: tableWrite,
  },
);

/** One file by itself. @throws ExchangeSqlError `code`, naming the file and the member. */
export function checkDeclaration(file: string, value: unknown, code: Code): TableDeclaration {
  const fail: Fail = (at, problem) => {
    throw new ExchangeSqlError(code, `${file}: ${at} ${problem}.`, { hint: 'schema/table.schema.json describes the members of a table declaration.' });
  };
  table(value, 'the declaration', fail);
  const { $schema: _, ...declaration } = value as TableDeclaration & { $schema?: string };
  checkColumns(declaration, fail);
  return declaration;
}

function checkColumns(declaration: TableDeclaration, fail: Fail): void {
  const names = new Set<string>();
  for (const { name } of declaration.columns) {
    if (names.has(name.toLowerCase())) fail(`column ${name}`, 'stands twice, case aside');
    names.add(name.toLowerCase());
  }
  const has = (name: string): boolean => declaration.columns.some((one) => one.name === name);
  const need = (member: string, name: string | undefined): void => {
    if (name !== undefined && !has(name)) fail(member, `names the column ${name}, which is not declared`);
  };
  if (declaration.shape.kind === 'not-offered') return;
  if (declaration.columns.length === 0) fail('columns', 'has to hold at least one column');
  if (declaration.key.length === 0) fail('key', 'has to name at least one column');
  for (const name of declaration.key) need('key', name);
  for (const name of declaration.identity ?? []) need('identity', name);
  const shapeOf = declaration.shape;
  if (shapeOf.kind === 'children') {
    need('shape.parentColumn', shapeOf.parentColumn);
    if (shapeOf.grandparentColumn === undefined && shapeOf.path.includes('{grandparent}')) fail('shape.path', 'uses {grandparent} without grandparentColumn');
  }
  if (shapeOf.kind === 'elements') {
    need('shape.parentColumn', shapeOf.parentColumn);
    need('shape.kindColumn', shapeOf.kindColumn);
    need('shape.ordinalColumn', shapeOf.ordinalColumn);
  }
  const { write } = declaration;
  need('write.place', write?.place?.column);
  need('write.move', write?.move?.column);
  need('write.version', write?.version?.column);
  for (const name of write?.repeat ?? []) need('write.repeat', name);
  if (typeof write?.recover === 'object') for (const name of write.recover.equal) need('write.recover', name);
  if (shapeOf.kind === 'window') {
    need('shape.startColumn', shapeOf.startColumn);
    need('shape.endColumn', shapeOf.endColumn);
  }
  for (const one of declaration.columns) {
    const at = `column ${one.name}`;
    const origin = one.origin ?? 'entity';
    const ordinal = shapeOf.kind === 'elements' && (one.name === shapeOf.ordinalColumn || one.name === shapeOf.kindColumn);
    if (origin === 'computed' && one.compute === undefined) fail(at, 'is computed and needs "compute"');
    if (origin === 'parent' && one.path === undefined && one.column === undefined) fail(at, 'comes from the parent and needs "path" or "column"');
    if ((origin === 'entity' || origin === 'element') && one.path === undefined && one.pseudo !== true && !ordinal) fail(at, 'needs "path"');
    if (one.fraction !== undefined && one.type !== 'timestamp') fail(at, 'has "fraction" but is no timestamp');
    if (one.items !== undefined && one.type !== 'json') fail(at, 'has "items" but is no JSON column');
    if (one.itemValues !== undefined && one.items !== 'text') fail(at, 'has "itemValues" but its items are no texts');
    need(`${at}: write.keep`, one.write?.keep);
    if (one.write?.otherwise !== undefined && 'column' in one.write.otherwise) need(`${at}: write.otherwise`, one.write.otherwise.column);
    checkColumnWrite(one, declaration, at, fail);
    if (one.sort === 'exact' && one.nullable !== false) fail(at, 'sorts exactly but may be NULL; SQL puts NULLs first, the service need not');
  }
}

function checkColumnWrite(one: ColumnDeclaration, { write }: TableDeclaration, at: string, fail: Fail): void {
  const { create = false, update = false } = one.write ?? {};
  if ((create !== false || update !== false) && write === undefined) fail(at, 'can be written, but the table has no "write"');
  if (create !== false && typeof write?.insert === 'string') fail(at, 'can be written on create, but the table takes no new rows');
  if (update !== false && typeof write?.update === 'string') fail(at, 'can be written on update, but the table takes none');
}

/** All files of a catalog beside each other: names and references. */
export function checkTogether(files: readonly DeclarationFile[]): void {
  const owners = new Map<string, DeclarationFile>();
  for (const one of files) {
    for (const name of [one.declaration.name, ...(one.declaration.aliases ?? [])]) {
      const earlier = owners.get(name.toLowerCase());
      if (earlier !== undefined) throw new ExchangeSqlError(one.code, `${one.file}: the name ${name} is taken by ${earlier.file}.`);
      owners.set(name.toLowerCase(), one);
    }
  }
  for (const { file, code, declaration } of files) {
    const fail: Fail = (at, problem) => {
      throw new ExchangeSqlError(code, `${file}: ${at} ${problem}.`);
    };
    const declared = (name: string): TableDeclaration | undefined => owners.get(name.toLowerCase())?.declaration;
    const { shape: shapeOf } = declaration;
    if (shapeOf.kind === 'children' || shapeOf.kind === 'elements') {
      const parent = declared(shapeOf.parent);
      if (parent === undefined) fail('shape.parent', `names the table ${shapeOf.parent}, which is not declared`);
      const wanted = shapeOf.kind === 'children' ? [shapeOf.parentKey ?? 'id', shapeOf.grandparentColumn] : ['id'];
      for (const name of wanted) {
        if (name !== undefined && parent?.columns.every((one) => one.name !== name)) fail('shape', `needs the column ${name} of ${shapeOf.parent}, which is not declared`);
      }
    }
    for (const one of declaration.columns) {
      if (one.references === undefined) continue;
      const [name, referenced] = one.references.split('.');
      if (!declared(name ?? '')?.columns.some((target) => target.name === referenced)) fail(`column ${one.name}`, `references ${one.references}, which is not declared`);
    }
  }
}
