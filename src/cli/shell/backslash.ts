/**
 * Owns: the shell's own commands: which there are, and what each does.
 * Does not own: reading lines (commands/shell.ts), running statements.
 */
import { readFileSync } from 'node:fs';
import { nearest, UsageError } from '../arguments.js';
import { tablesStatement, type CatalogStatement } from '../catalog-statements.js';
import { FORMATS, formatNamed, type Format } from '../format/index.js';

/** What the commands change. */
export interface ShellState {
  format: Format;
  expanded: boolean;
  timing: boolean;
  pager: boolean;
  leave: boolean;
}

/** What a command may ask of the shell. */
export interface ShellActions {
  print(text: string): void;
  run(statement: CatalogStatement): Promise<void>;
  /** Statement for the columns of a table, or an error with the nearest one. */
  columns(table: string): Promise<CatalogStatement>;
  /** Takes lines as if they were typed. */
  feed(lines: readonly string[]): Promise<void>;
}

interface Backslash {
  readonly help: string;
  readonly argument?: string;
  /** For completion. */
  readonly choices?: readonly string[];
  run(argument: string, state: ShellState, actions: ShellActions): void | Promise<void>;
}

const ON_OFF = ['on', 'off'];

const COMMANDS: Readonly<Record<string, Backslash>> = {
  '\\d': {
    argument: '[TABLE]', help: 'tables, or the columns of one',
    run: async (name, _state, { run, columns }) => run(name === '' ? tablesStatement(false) : await columns(name)),
  },
  '\\dt': { argument: '[TEXT]', help: 'tables, or those with a text in their name', run: (text, _state, { run }) => run(tablesStatement(false, text)) },
  '\\ds': { argument: '[TEXT]', help: 'tables about the tables', run: (text, _state, { run }) => run(tablesStatement(true, text)) },
  '\\explain': {
    argument: 'SELECT …', help: 'the requests a SELECT would send',
    run: (sql, _state, { run }) => {
      if (sql === '') throw new UsageError('\\explain SELECT …');
      return run({ sql: `EXPLAIN ${sql}`, parameters: [] });
    },
  },
  '\\format': {
    argument: 'FORMAT', help: `output as ${FORMATS.join(', ')}`, choices: FORMATS,
    run: (name, state, { print }) => {
      if (name !== '') state.format = formatNamed(name);
      print(`format is ${state.format}\n`);
    },
  },
  '\\x': { argument: '[on|off]', help: 'one line per column', choices: ON_OFF, run: (text, state, { print }) => toggle('expanded', text, state, print) },
  '\\timing': { argument: '[on|off]', help: 'how long statements take', choices: ON_OFF, run: (text, state, { print }) => toggle('timing', text, state, print) },
  '\\pager': { argument: '[on|off]', help: 'page long results', choices: ON_OFF, run: (text, state, { print }) => toggle('pager', text, state, print) },
  '\\i': {
    argument: 'FILE', help: 'run the statements of a file',
    run: (file, _state, { feed }) => {
      if (file === '') throw new UsageError('\\i FILE');
      return feed(linesOf(file));
    },
  },
  '\\?': { help: 'this list', run: (_text, _state, { print }) => { print(listing()); } },
  '\\q': { help: 'leave', run: (_text, state) => { state.leave = true; } },
};

/** Commands with the words that may follow, for completion. */
export const BACKSLASH_WORDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(Object.entries(COMMANDS).map(([name, { choices = [] }]) => [name, choices]));

/** Words people try first. */
const PLAIN: Readonly<Record<string, string>> = { quit: '\\q', exit: '\\q', help: '\\?', '\\h': '\\?', '\\quit': '\\q', '\\help': '\\?', '\\exit': '\\q' };

/** True if a line is a command and not SQL. */
export const isBackslash = (line: string): boolean => line.trimStart().startsWith('\\') || Object.hasOwn(PLAIN, line.trim().replace(/;$/, '').toLowerCase());

export async function runBackslash(line: string, state: ShellState, actions: ShellActions): Promise<void> {
  const [, typed = '', argument = ''] = /^(\S+)\s*([^]*?)\s*;?$/.exec(line.trim()) ?? [];
  const word = typed.replace(/;$/, '');
  const name = PLAIN[word.toLowerCase()] ?? word;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(`unknown command ${name}${near === undefined ? '' : `; did you mean ${near}?`} (\\? lists them)`);
  }
  await command.run(argument, state, actions);
}

function toggle(what: 'expanded' | 'timing' | 'pager', text: string, state: ShellState, print: (text: string) => void): void {
  const word = text.toLowerCase();
  if (word !== '' && !ON_OFF.includes(word)) throw new UsageError(`on or off, not '${text}'`);
  state[what] = word === '' ? !state[what] : word === 'on';
  print(`${what} is ${state[what] ? 'on' : 'off'}\n`);
}

function listing(): string {
  const lines = Object.entries(COMMANDS).map(([name, { argument = '', help }]) => `  ${`${name} ${argument}`.padEnd(20)}${help}`);
  return `${lines.join('\n')}\nA statement ends with ; and may take several lines. Ctrl-C cancels it, Tab completes.\n`;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '').split(/\r?\n/);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
