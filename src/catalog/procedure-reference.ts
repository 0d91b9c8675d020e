/**
 * Owns: the reference of stored procedures as Markdown, from the declarations.
 * Invariants: pure; the same catalog gives the same text.
 */
import type { Catalog } from './catalog.js';
import type { InputDeclaration, OutputDeclaration, ProcedureDeclaration } from './procedure.js';
import { offered } from './procedure-inputs.js';
import { sqlTypeOf } from './system/sql-types.js';

const KINDS: Readonly<Record<ProcedureDeclaration['kind'], string>> = {
  read: 'Changes nothing.',
  write: 'Changes the mailbox or the directory.',
  send: 'May send mail: it is sent once and never repeated, and where no answer came the error is OUTCOME_UNKNOWN.',
};

export function renderProcedureReference(catalog: Catalog): string {
  const procedures = catalog.procedures();
  return [
    '# Stored procedures',
    '',
    'Made from the files in `schema/msgraph/procedures/`; change those, not this page.',
    '',
    'A call is `EXEC name Input = value, …`, `EXECUTE`, `CALL name(value, …)` or `{call name(?, ?)}`. Values are constants, parameters or expressions of',
    'these; names may have an `@`, and values without a name go by position. The results are rows. `EXPLAIN EXEC …` shows the requests and sends nothing.',
    '',
    '- A **list** is `a; b` or a JSON array. **Recipients** are `Ada <ada@contoso.example>; bo@contoso.example` or a JSON array.',
    '- A **folder** is an id, a well-known name (`archive`), a path (`/Inbox/Clients`), or `FOLDER(\'/Inbox/Clients\')`.',
    '- **Files** are those of the machine the driver runs on. A program that serves others gives `connect(…, { fileAccess: \'off\' })` or a folder.',
    '  A file that is written never replaces another, and its name is made harmless.',
    '',
    ...procedures.map(({ name, description }) => `- [${name}](#${name.toLowerCase()}) – ${description}`),
    '',
    ...procedures.flatMap(section),
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function section(procedure: ProcedureDeclaration): string[] {
  const { name, description, kind, aliases, permissions, inputs, outputs, example } = procedure;
  const permission = permissions === undefined ? '' : permissions.application === undefined || permissions.application === permissions.delegated ? ` Needs ${permissions.delegated}.` : ` Needs ${permissions.delegated} (delegated) or ${permissions.application} (application).`;
  return [
    `## ${name}`,
    '',
    description,
    '',
    `${KINDS[kind]}${permission}${aliases === undefined ? '' : ` Also as ${aliases.join(', ')}.`}`,
    '',
    '```sql',
    example,
    '```',
    '',
    row('Input', 'Type', 'Default', 'Description'),
    '|---|---|---|---|',
    ...offered(procedure).map((input) => row(`\`${input.name}\`${input.required === true ? ' **required**' : ''}`, typeOf(input), input.default === undefined ? '' : `\`${String(input.default)}\``, inputText(input))),
    '',
    ...notOffered(inputs),
    row('Result', 'Type', 'Description'),
    '|---|---|---|',
    ...outputs.map((output) => row(`\`${output.name}\``, typeOf(output), output.description)),
    '',
  ];
}

function notOffered(inputs: readonly InputDeclaration[]): string[] {
  const known = inputs.filter((input) => input.notOffered !== undefined);
  return known.length === 0 ? [] : [...known.map(({ name, notOffered }) => `\`${name}\` is not offered: ${notOffered!}.`), ''];
}

const FORMATS: Readonly<Record<NonNullable<InputDeclaration['format']>, string>> = {
  list: 'list', recipients: 'recipients', folder: 'folder', contactFolder: 'contact folder', attachments: 'attachments', file: 'file', directory: 'folder for files',
};

function typeOf(parameter: InputDeclaration | OutputDeclaration): string {
  if ('format' in parameter && parameter.format !== undefined) return FORMATS[parameter.format];
  return parameter.type === 'json' ? 'JSON text' : sqlTypeOf(parameter).name;
}

function inputText({ description, values, aliases }: InputDeclaration): string {
  const notes = [description, values === undefined ? undefined : `One of ${values.join(', ')}.`, aliases === undefined ? undefined : `Also as ${aliases.join(', ')}.`];
  return notes.filter((note) => note !== undefined).join(' ');
}
