/**
 * Owns: `exchange-sql shell`: statements and commands line by line.
 * Does not own: its commands, history, completion and pager (shell/), running a statement (run-statement.ts).
 * Invariants: an error ends the statement, not the shell; without a terminal it also sets the exit code.
 */
import { createInterface, type Interface } from 'node:readline/promises';
import { PassThrough } from 'node:stream';
import type { Connection } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { columnsStatement } from '../catalog-statements.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, openConnection } from '../connect.js';
import { FORMATS, formatNamed } from '../format/index.js';
import { inStatement, printError } from '../print-error.js';
import { isExplain, runStatement } from '../run-statement.js';
import { BACKSLASH_WORDS, isBackslash, runBackslash, type ShellActions, type ShellState } from '../shell/backslash.js';
import { complete, readNames } from '../shell/completion.js';
import { History, HISTORY_LINES } from '../shell/history.js';
import { throughPager } from '../shell/pager.js';
import { endsStatement } from '../statement-end.js';

const HELP = `Usage: exchange-sql shell [--format F] [connection]

  -f, --format F      ${FORMATS.join(' | ')} (default table)

Reads statements that end with ; and commands that begin with \\ (\\? lists them), from the terminal or from standard input.

${CONNECTION_HELP}
`;

export async function shell(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, format: { type: 'string', short: 'f' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  if (parsed.positionals.length > 0) throw new UsageError(`unexpected argument '${parsed.positionals[0]!}'; a single statement goes to exchange-sql query`);
  const format = formatNamed(parsed.value('format') ?? 'table');
  const open = await openConnection(parsed);
  try {
    await new Shell(open.connection, { format, expanded: false, timing: false, pager: true, leave: false }).run();
  } finally {
    await open.close();
  }
}

class Shell {
  readonly #connection: Connection;
  readonly #state: ShellState;
  readonly #interactive = process.stdin.isTTY && process.stdout.isTTY;
  /** Lines of a statement that has not ended. */
  #pending = '';

  constructor(connection: Connection, state: ShellState) {
    this.#connection = connection;
    this.#state = state;
  }

  async run(): Promise<void> {
    const history = new History();
    const names = await readNames(this.#connection);
    const lines = createInterface({
      input: process.stdin,
      output: this.#interactive ? process.stdout : new PassThrough(),
      terminal: this.#interactive,
      history: this.#interactive ? history.read() : [],
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line, this.#pending, names, BACKSLASH_WORDS),
    });
    lines.on('SIGINT', () => {
      this.#pending = '';
      process.stdout.write('^C\n');
      lines.write(null, { ctrl: true, name: 'e' });
      lines.write(null, { ctrl: true, name: 'u' });
      this.#prompt(lines);
    });
    if (this.#interactive) process.stdout.write('exchange-sql: end a statement with ; (\\? lists commands, \\q leaves)\n');
    this.#prompt(lines);
    for await (const line of lines) {
      if (this.#interactive && line.trim() !== '') history.add(line);
      await this.#withoutKeys(lines, () => this.#take(line));
      if (this.#state.leave) break;
      this.#prompt(lines);
    }
    if (!this.#state.leave && this.#pending.trim() !== '') await this.#statement(this.#pending);
    if (this.#interactive && !this.#state.leave) process.stdout.write('\n');
    lines.close();
  }

  #prompt(lines: Interface): void {
    if (!this.#interactive) return;
    lines.setPrompt(this.#pending === '' ? 'sql> ' : '...> ');
    lines.prompt();
  }

  /** While a statement runs the keys belong to the terminal and its pager: Ctrl-C is a signal, and less reads its own keys. */
  async #withoutKeys(lines: Interface, work: () => Promise<void>): Promise<void> {
    if (!this.#interactive) return work();
    lines.pause();
    process.stdin.setRawMode(false);
    try {
      await work();
    } finally {
      process.stdin.setRawMode(true);
      lines.resume();
    }
  }

  async #take(line: string): Promise<void> {
    if (this.#pending === '' && isBackslash(line)) {
      await this.#guarded(() => runBackslash(line, this.#state, this.#actions()));
      return;
    }
    if (this.#pending === '' && line.trim() === '') return;
    this.#pending += (this.#pending === '' ? '' : '\n') + line;
    if (!endsStatement(this.#pending)) return;
    const statement = this.#pending;
    this.#pending = '';
    await this.#statement(statement);
  }

  #statement(sql: string): Promise<void> {
    if (sql.replaceAll(';', '').trim() === '') return Promise.resolve();
    return this.#guarded(() => this.#execute(sql));
  }

  #actions(): ShellActions {
    return {
      print: (text) => process.stdout.write(text),
      run: ({ sql, parameters }) => this.#execute(sql, parameters),
      columns: (table) => columnsStatement(this.#connection, table),
      feed: async (lines) => {
        for (const line of lines) {
          if (this.#state.leave) return;
          await this.#take(line);
        }
        const rest = this.#pending;
        this.#pending = '';
        if (rest.trim() !== '') await this.#statement(rest);
      },
    };
  }

  async #execute(sql: string, parameters: readonly string[] = []): Promise<void> {
    const { format, expanded, timing, pager } = this.#state;
    const started = performance.now();
    const shown = format !== 'table' ? format : isExplain(sql) ? 'plan' : expanded ? 'records' : 'table';
    await inStatement(sql, () =>
      runStatement(this.#connection, {
        sql,
        parameters,
        format: shown,
        ...(pager && this.#interactive ? { output: (write) => throughPager(process.stdout, write) } : {}),
      }),
    );
    if (timing) process.stdout.write(`time: ${(performance.now() - started).toFixed(0)} ms\n`);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      printError(error, process.stderr);
      if (!this.#interactive) process.exitCode = 1;
    }
  }
}
