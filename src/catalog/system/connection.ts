/**
 * Owns: the system tables about the connection: properties, warnings, dialect, driver.
 * Does not own: the list of properties (driver/), which comes with the context.
 * Invariants: the value of a sensitive property never leaves; that it was given shows as stars.
 */
import { schemaNameOf, systemTable, type SystemTable } from './system-table.js';

const SQL_INFO: readonly (readonly [string, string])[] = [
  ['AGGREGATE_FUNCTIONS', 'AVG,COUNT,GROUP_CONCAT,MAX,MIN,SUM,TOTAL'],
  ['COUNT', 'YES'],
  ['GROUP_BY', 'NO_RELATION'],
  ['HAVING', 'YES'],
  ['IDENTIFIER_QUOTE_OPEN_CHAR', '['],
  ['IDENTIFIER_QUOTE_CLOSE_CHAR', ']'],
  ['OJ_CAPABILITIES', 'INNER,LEFT,RIGHT,FULL,CROSS'],
  ['SUBQUERIES', 'COMPARISON,EXISTS,IN,CORRELATED'],
  ['SET_OPERATIONS', 'UNION,UNION ALL,INTERSECT,EXCEPT'],
  ['COMMON_TABLE_EXPRESSIONS', 'YES'],
  ['WINDOW_FUNCTIONS', 'YES'],
  ['SUPPORTED_OPERATORS', '=,<>,!=,<,<=,>,>=,LIKE,NOT LIKE,GLOB,IN,NOT IN,BETWEEN,IS NULL,IS NOT NULL,AND,OR,NOT'],
  ['STRING_COMPARISON', 'CASE_SENSITIVE'],
  ['PARAMETERS', '?,@name,:name,$1'],
];

export const CONNECTION_TABLES: readonly SystemTable[] = [
  systemTable(
    'main',
    'sys_connection_props',
    'Properties of the connection string, with what this connection has.',
    [
      'Name text: Name of the property.', 'ShortDescription text: What it does.', 'Type text: Type of its value.', 'Default text: Value if it is not given.', 'Values text: Values it takes, separated by commas.',
      'Value text: Value it was given; stars for a secret.', 'Required boolean: Whether it has to be given.', 'Category text: Group it is listed under.', 'IsSessionProperty boolean: Always 0.',
      'Sensitivity text: NONE, or PASSWORD for a secret.', 'PropertyName text: Name of the property.', 'Ordinal integer: Position, from 1.',
    ],
    ({ connectionProperties }) =>
      connectionProperties.map((one, index) => [
        one.name, one.description, one.type, one.default, one.values?.join(','), one.sensitive && one.value !== undefined && one.value !== '' ? '********' : one.value, false, one.category, false,
        one.sensitive ? 'PASSWORD' : 'NONE', one.name, index + 1,
      ]),
  ),
  systemTable(
    'main',
    'sys_warnings',
    'Warnings of the statement that ended last on this connection.',
    ['Ordinal integer: Position, from 1.', 'Code text: Code of the warning.', 'Message text: What happened.'],
    ({ warnings }) => warnings.map((warning, index) => [index + 1, warning.code, warning.message]),
  ),
  systemTable('main', 'sys_sqlinfo', 'What the dialect can do, by name.', ['Name text: Name of the capability.', 'Value text: Its value.'], () => SQL_INFO),
  systemTable(
    'main',
    'sys_information',
    'This driver.',
    ['Product text: Name of the driver.', 'Version text: Version of the driver.', 'Datasource text: Schema that is connected.', 'Tables integer: Number of tables.'],
    ({ catalog, version }) => [['exchange-sql', version, schemaNameOf(catalog), catalog.tables().length]],
  ),
];
