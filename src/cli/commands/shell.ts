/**
 * Owns: `exchange-sql shell`: reading statements line by line, backslash commands, history, completion.
 * Does not own: running a statement (the library), printing rows (format/).
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { PassThrough, type Writable } from 'node:stream';
import type { Connection } from '../../index.js';
import { nearest, parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, isFormat, writeRows, type Format } from '../format/index.js';
import { printError } from '../print-error.js';
import { endsStatement } from '../statement-end.js';

const HELP = `Usage: exchange-sql shell [--format F] [connection]

${CONNECTION_HELP}
`;

const COMMANDS: Readonly<Record<string, string>> = {
  '\\d': 'tables; \\d TABLE: its columns',
  '\\dt': 'tables',
  '\\ds': 'system tables',
  '\\explain': 'requests of a SELECT: \\explain SELECT …',
  '\\format': `output format: ${FORMATS.join(', ')}`,
  '\\timing': 'show how long statements take, on or off',
  '\\pager': 'page long results, on or off',
  '\\?': 'this list',
  '\\q': 'leave',
};

const TABLES = "SELECT TableName, TableType, Description FROM sys_tables WHERE TableType <> 'SYSTEM TABLE' ORDER BY TableName";
const COLUMNS = 'SELECT ColumnName, DataTypeName, IsNullable, IsKey, Description FROM sys_tablecolumns WHERE lower(TableName) = lower(?) ORDER BY Ordinal';

const HISTORY_LINES = 1000;

interface State {
  format: Format;
  timing: boolean;
  pager: boolean;
  leave: boolean;
}

export async function shell(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, format: { type: 'string', short: 'f' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const format = parsed.value('format') ?? 'table';
  if (!isFormat(format)) throw new UsageError(`unknown format '${format}'; one of ${FORMATS.join(', ')}`);
  const open = await openConnection(parsed);
  try {
    await converse(open.connection, { format, timing: false, pager: true, leave: false });
  } finally {
    await open.close();
  }
}

async function converse(connection: Connection, state: State): Promise<void> {
  const interactive = process.stdin.isTTY;
  const words = await completions(connection);
  const historyFile = join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'exchange-sql', 'history');
  const lines = createInterface({
    input: process.stdin,
    output: interactive ? process.stdout : new PassThrough(),
    terminal: interactive,
    history: interactive ? readHistory(historyFile) : [],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, words),
  });
  const history: string[] = [];
  let abort: AbortController | undefined;
  let pending = '';
  lines.on('SIGINT', () => {
    if (abort !== undefined) abort.abort();
    else {
      pending = '';
      if (interactive) process.stdout.write('\n');
      prompt(lines, pending, interactive);
    }
  });
  if (interactive) process.stdout.write('exchange-sql: end a statement with ; (\\? lists commands, \\q leaves)\n');
  prompt(lines, pending, interactive);
  for await (const line of lines) {
    if (line.trim() !== '') history.push(line);
    if (pending === '' && line.trimStart().startsWith('\\')) {
      await guarded(line.trim(), () => command(connection, state, line.trim()));
    } else {
      pending += (pending === '' ? '' : '\n') + line;
      if (endsStatement(pending)) {
        const statement = pending;
        pending = '';
        const current = new AbortController();
        abort = current;
        await guarded(statement, () => runStatement(connection, state, statement, [], current.signal));
        abort = undefined;
      }
    }
    if (state.leave) break;
    prompt(lines, pending, interactive);
  }
  if (pending.trim() !== '' && !state.leave) await guarded(pending, () => runStatement(connection, state, pending, []));
  lines.close();
  if (interactive) writeHistory(historyFile, history);
}

function prompt(lines: Interface, pending: string, interactive: boolean): void {
  if (!interactive) return;
  lines.setPrompt(pending === '' ? 'sql> ' : '...> ');
  lines.prompt();
}

/** An error ends the statement, not the shell; without a terminal it also sets the exit code. */
async function guarded(sql: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    printError(error, process.stderr, sql);
    if (!process.stdin.isTTY) process.exitCode = 1;
  }
}

async function runStatement(connection: Connection, state: State, sql: string, parameters: readonly string[], signal?: AbortSignal): Promise<void> {
  if (sql.replaceAll(';', '').trim() === '') return;
  const started = performance.now();
  const stream = connection.stream(sql, parameters, { rowMode: 'array', ...(signal === undefined ? {} : { signal }) });
  const columns = await stream.columns();
  await paged(state, (out) => writeRows(state.format, columns, stream, out));
  for (const warning of stream.warnings) process.stderr.write(`warning ${warning.code}: ${warning.message}\n`);
  if (state.timing) process.stdout.write(`time: ${(performance.now() - started).toFixed(0)} ms\n`);
}

/** Through $PAGER when stdout is a terminal; the pager leaves short output on the screen (less -F). */
async function paged(state: State, write: (out: Writable) => Promise<void>): Promise<void> {
  if (!state.pager || !process.stdout.isTTY) {
    await write(process.stdout);
    return;
  }
  const [program, ...args] = (process.env['PAGER'] ?? 'less -FRSX').split(' ');
  const child = spawn(program!, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => {
      resolve(false);
    });
    child.once('close', () => {
      resolve(true);
    });
  });
  const started = await Promise.race([ended, new Promise<boolean>((resolve) => child.once('spawn', () => { resolve(true); }))]);
  if (!started) {
    state.pager = false; // no pager on this machine
    await write(process.stdout);
    return;
  }
  child.stdin.on('error', () => undefined); // the user left the pager
  await write(child.stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
  child.stdin.end();
  await ended;
}

async function command(connection: Connection, state: State, line: string): Promise<void> {
  const [name, ...rest] = line.replace(/;$/, '').split(/\s+/);
  const argument = rest.join(' ');
  switch (name) {
    case '\\q':
      state.leave = true;
      return;
    case '\\?':
      process.stdout.write(`${Object.entries(COMMANDS).map(([key, text]) => `  ${key.padEnd(10)}${text}`).join('\n')}\n`);
      return;
    case '\\d':
      await (argument === '' ? runStatement(connection, state, TABLES, []) : runStatement(connection, state, COLUMNS, [argument]));
      return;
    case '\\dt':
      await runStatement(connection, state, TABLES, []);
      return;
    case '\\ds':
      await runStatement(connection, state, "SELECT TableName, Description FROM sys_tables WHERE TableType = 'SYSTEM TABLE' ORDER BY TableName", []);
      return;
    case '\\explain':
      await runStatement(connection, state, `EXPLAIN ${argument}`, []);
      return;
    case '\\format':
      if (!isFormat(argument)) throw new UsageError(`one of ${FORMATS.join(', ')}, please`);
      state.format = argument;
      return;
    case '\\timing':
      state.timing = argument === '' ? !state.timing : argument === 'on';
      process.stdout.write(`timing is ${state.timing ? 'on' : 'off'}\n`);
      return;
    case '\\pager':
      state.pager = argument === '' ? !state.pager : argument === 'on';
      process.stdout.write(`pager is ${state.pager ? 'on' : 'off'}\n`);
      return;
    default: {
      const near = nearest(name ?? '', Object.keys(COMMANDS));
      throw new UsageError(`unknown command ${name ?? ''}${near === undefined ? '' : `; did you mean ${near}?`} (\\? lists them)`);
    }
  }
}

async function completions(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query('SELECT TableName FROM sys_tables UNION SELECT ColumnName FROM sys_tablecolumns', [], { rowMode: 'array' });
  const keywords = ['SELECT', 'FROM', 'WHERE', 'ORDER BY', 'GROUP BY', 'LIMIT', 'JOIN', 'LEFT JOIN', 'EXPLAIN', 'COUNT(*)', 'AND', 'OR', 'NOT', 'IN', 'LIKE', 'BETWEEN', 'IS NULL', 'DESC'];
  return [...rows.map((row) => String(row[0])), ...keywords, ...Object.keys(COMMANDS)];
}

function complete(line: string, words: readonly string[]): [string[], string] {
  const start = /[\w\\]*$/.exec(line)?.[0] ?? '';
  if (start === '') return [[], start];
  return [words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase())), start];
}

function readHistory(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').reverse() : [];
}

function writeHistory(file: string, lines: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '') : [];
    writeFileSync(file, `${[...before, ...lines].slice(-HISTORY_LINES).join('\n')}\n`, { mode: 0o600 });
  } catch {
    // a history that cannot be kept is no reason to fail
  }
}
