/**
 * Owns: the reference of connection properties as Markdown, from their declarations.
 * Does not own: where it is written to (docs/generate.js).
 * Invariants: pure; every property is in it once.
 */
import { CONNECTION_PROPERTIES, type ConnectionProperty } from './connection-properties.js';

/**
 * Markdown of all properties: those that act, those that are accepted and do nothing, those that are refused.
 *
 * @example
 * renderConnectionReference().startsWith('# Connection properties'); // true
 */
export function renderConnectionReference(): string {
  const of = (status: ConnectionProperty['status']): readonly ConnectionProperty[] => CONNECTION_PROPERTIES.filter((property) => property.status === status);
  return [
    '# Connection properties',
    '',
    'Made from the list in `src/driver/connection-properties.ts` by `npm run docs`; change that, not this page.',
    '',
    'A connection string is `Name=Value;Name=Value`. Names are case-insensitive and may have blanks or underscores (`User Id`, `user_id`);',
    "a value with `;` or blanks at its ends is quoted with `'` or `\"`, a quote inside is doubled. An unknown name is refused with the nearest known one.",
    '`SELECT * FROM sys_connection_props` shows what a connection has.',
    '',
    'A secret need not stand in the string: `env:NAME` is the value of an environment variable, `file:PATH` the content of a file (without its last line end), and',
    '`value:TEXT` is TEXT itself, for a secret that begins like one of these.',
    '',
    '## Properties',
    '',
    ...row('Name', 'Category', 'Type', 'Default', 'Meaning'),
    rule(5),
    ...of('supported').flatMap((property) => row(name(property), property.category, type(property), property.default === '' ? '' : `\`${property.default}\``, meaning(property))),
    '',
    '## Accepted, without an effect',
    '',
    'Strings written for other drivers keep working; each of these gives a warning, unless it has its default.',
    '',
    ...row('Name', 'Why it does nothing'),
    rule(2),
    ...of('moot').flatMap((property) => row(name(property), sentence(property.description))),
    '',
    '## Known, not offered',
    '',
    'Refused with the reason, unless given their default.',
    '',
    ...row('Name', 'Reason'),
    rule(2),
    ...of('later').flatMap((property) => row(name(property), sentence(property.description))),
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string[] => [`| ${cells.map(cell).join(' | ')} |`];
const rule = (columns: number): string => `|${'---|'.repeat(columns)}`;

const name = ({ name: own, aliases }: ConnectionProperty): string => `\`${own}\`${aliases.length === 0 ? '' : ` (also ${aliases.map((alias) => `\`${alias}\``).join(', ')})`}`;
const type = ({ type: own, secret }: ConnectionProperty): string => `${own}${secret ? ', secret' : ''}`;
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

function meaning({ description, values = [], laterValues = [] }: ConnectionProperty): string {
  const offered = values.filter((value) => !laterValues.includes(value));
  return [
    sentence(description),
    offered.length > 0 ? `Values: ${offered.map((value) => `\`${value}\``).join(', ')}.` : '',
    laterValues.length > 0 ? `Not offered yet: ${laterValues.map((value) => `\`${value}\``).join(', ')}.` : '',
  ].filter((text) => text !== '').join(' ');
}
