#!/usr/bin/env node
/**
 * Owns: the command line's entry: which command runs, exit codes, how an error is printed.
 * Does not own: the commands (commands/), anything of the protocol.
 * Invariants: results go to stdout, everything else to stderr; no stack trace reaches a user.
 */
import { ExchangeSqlError } from '../errors.js';
import { nearest, UsageError } from './arguments.js';
import { printError } from './print-error.js';

/** 0 done; 1 the statement failed; 2 wrong call; 3 no connection; 130 cancelled. */
const EXIT = { statement: 1, usage: 2, connection: 3, cancelled: 130 } as const;

type Command = (args: readonly string[]) => Promise<void>;

const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>> = {
  query: { summary: 'run a statement and print its rows', load: async () => (await import('./commands/query.js')).query },
  insert: { summary: 'insert the rows of a CSV or NDJSON file', load: async () => (await import('./commands/insert.js')).insert },
  explain: { summary: 'show the requests a SELECT would send', load: async () => (await import('./commands/explain.js')).explain },
  tables: { summary: 'list the tables', load: async () => (await import('./commands/tables.js')).tables },
  describe: { summary: 'list the columns of a table', load: async () => (await import('./commands/describe.js')).describe },
  shell: { summary: 'interactive SQL', load: async () => (await import('./commands/shell.js')).shell },
  login: { summary: 'sign a user in, for later connections', load: async () => (await import('./commands/login.js')).login },
  profile: { summary: 'keep connection strings under names', load: async () => (await import('./commands/profile.js')).profile },
  test: { summary: 'try a connection and say what is wrong', load: async () => (await import('./commands/test.js')).test },
  sandbox: { summary: 'serve a mailbox emulator over HTTP', load: async () => (await import('./commands/sandbox.js')).sandbox },
};

const HELP = `exchange-sql: SQL for Microsoft Exchange and Microsoft 365 mailboxes

Usage: exchange-sql COMMAND [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

  exchange-sql COMMAND --help   options of a command
  exchange-sql --version

Try: exchange-sql query --sandbox "SELECT subject, receivedDateTime FROM Messages ORDER BY receivedDateTime DESC LIMIT 5"
`;

async function run(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const command = name === 'help' ? rest[0] : undefined;
    if (command !== undefined && Object.hasOwn(COMMANDS, command)) return (await COMMANDS[command]!.load())(['--help']);
    process.stdout.write(HELP);
    if (name === undefined) process.exitCode = EXIT.usage;
    return;
  }
  if (name === '--version' || name === '-v') {
    const { version } = await import('./version.js');
    process.stdout.write(`${version()}\n`);
    return;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(`unknown command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} (exchange-sql --help lists them)`);
  }
  await (await command.load())(rest);
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ExchangeSqlError) {
    if (error.code === 'CANCELLED') return EXIT.cancelled;
    if (error.code === 'CONNECTION_STRING' || error.code === 'UNREACHABLE' || error.code === 'AUTHENTICATION') return EXIT.connection;
  }
  return EXIT.statement;
}

// A reader that stops early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.stderr.on('error', () => undefined);

process.on('uncaughtException', (error) => {
  printError(error, process.stderr);
  process.exit(EXIT.statement);
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  printError(error, process.stderr);
  process.exitCode = exitCode(error);
}
