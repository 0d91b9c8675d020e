/**
 * Owns: EXPLAIN as a person reads it: one indented block per table, nothing cut off, so that a URL can be copied.
 * Does not own: the plan's rows (planner/explain.ts); any other format shows those as rows.
 * Invariants: no column of the rows is left out, unknown operations included.
 */
import type { Column, Value } from '../../index.js';
import { printable } from '../printable.js';
import type { Formatter } from './formatter.js';

type Line = Readonly<Record<string, Value>>;

export const plan: Formatter = async function* (columns, rows) {
  let table: Value = null;
  for await (const row of rows) {
    const line = named(columns, row);
    if (!('operation' in line)) {
      // EXPLAIN (FORMAT JSON): one text, printed as it is.
      yield `${row.map((value) => printable(String(value))).join('\t')}\n`;
      continue;
    }
    const own = line['table'] ?? null;
    if (own !== null && own !== table) yield `\n${text(own)}\n`;
    table = own;
    const [first, ...details] = words(line);
    yield `${own === null ? '' : '  '}${first ?? ''}\n${details.map((detail) => `${own === null ? '  ' : '      '}${detail}\n`).join('')}`;
  }
};

function named(columns: readonly Column[], row: readonly Value[]): Line {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
}

const text = (value: Value | undefined): string => (value === null || value === undefined ? '' : printable(String(value)).replaceAll('\n', ' '));

const HANDLED: Readonly<Record<string, string>> = {
  exact: 'done by the service',
  inexact: 'narrowed by the service, checked again here',
  none: 'done here',
  honoured: 'done by the service',
  local: 'done here',
};

/** The line of an operation, then what is indented below it. */
function words(line: Line): string[] {
  const handled = text(line['handled']);
  const because = line['reason'] === null ? text(line['explanation']) : `${text(line['reason'])}: ${text(line['explanation'])}`;
  const done = (HANDLED[handled] ?? handled) + (because === '' ? '' : handled === '' ? because : ` (${because})`);
  const detail = text(line['detail']);
  const how = text(line['how']);
  switch (line['operation']) {
    case 'statement':
      return [`${text(line['explanation'])} (${how})`, ...measures(line)];
    case 'request':
      return [detail === '' ? done : detail, ...label('columns', line['columns']), ...(how === '' ? [] : how.split('; ')), ...pages(line), ...(detail === '' || done === '' ? [] : [done]), ...measures(line)];
    case 'conjunct':
      return [`WHERE ${detail}`, ...(how === '' ? [] : [`sent as ${how}`]), done, ...measures(line)];
    case 'order':
      return [`ORDER BY ${detail}`, done, ...measures(line)];
    case 'limit':
      return [`LIMIT${detail === '' ? '' : ` ${detail}`}`, done, ...measures(line)];
    case 'lookup':
      return [`look-up by ${detail}`, how, done, ...measures(line)].filter((part) => part !== '');
    default:
      return [[text(line['operation']), detail, how].filter((part) => part !== '').join(' '), done, ...measures(line)].filter((part) => part !== '');
  }
}

const label = (name: string, value: Value | undefined): string[] => (text(value) === '' ? [] : [`${name}: ${text(value)}`]);

function pages(line: Line): string[] {
  const size = text(line['pageSize']);
  const calls = text(line['calls']);
  const parts = [...(size === '' ? [] : [`${size} rows a page`]), ...(calls === '' ? [] : [calls === '1' ? 'one call' : `${calls} calls`])];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

function measures(line: Line): string[] {
  if (line['requests'] === undefined || line['requests'] === null) return [];
  const of = (name: string, one: string, many: string): string => `${text(line[name])} ${text(line[name]) === '1' ? one : many}`;
  return [`took ${of('requests', 'request', 'requests')}, ${of('bytes', 'byte', 'bytes')}, ${of('rowsRead', 'row', 'rows')} read, ${text(line['rowsKept'])} kept, ${of('retries', 'retry', 'retries')}, ${text(line['ms'])} ms`];
}
