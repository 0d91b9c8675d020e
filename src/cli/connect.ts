/**
 * Owns: where a command's connection comes from: --connection, --profile, an environment variable, or --sandbox inside the process.
 * Does not own: connection strings (the library), the sandbox's options that only `exchange-sql sandbox` has.
 */
import { connect, type Connection } from '../index.js';
import { UsageError, type OptionSpec, type ParsedArguments } from './arguments.js';
import { importProgress, importSummary } from './import-report.js';
import { profileNamed } from './profiles.js';

/** Environment variable that holds a connection string. */
export const CONNECTION_VARIABLE = 'EXCHANGE_SQL_CONNECTION';
/** Environment variable that names a profile. */
export const PROFILE_VARIABLE = 'EXCHANGE_SQL_PROFILE';

/** Options of a sandbox's contents, wherever one is started. */
export const SANDBOX_OPTIONS = {
  messages: { type: 'string' },
  seed: { type: 'string' },
  import: { type: 'string', multiple: true, paths: true },
  data: { type: 'string' },
} as const satisfies OptionSpec;

export const CONNECTION_OPTIONS = {
  connection: { type: 'string', short: 'c' },
  profile: { type: 'string' },
  sandbox: { type: 'boolean' },
  ...SANDBOX_OPTIONS,
} as const satisfies OptionSpec;

export const CONNECTION_HELP = `Connection (one of):
  -c, --connection TEXT   connection string, e.g. "Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=…"
  --profile NAME          connection string that exchange-sql profile keeps under that name
  ${CONNECTION_VARIABLE}   environment variable with a connection string, or ${PROFILE_VARIABLE} with the name of a profile
  --sandbox               a mailbox emulator with demo data, started inside this process
      --messages N        demo messages (default 2000)     --seed N     seed of the demo data
      --import PATH…      read mbox, maildir, eml, ics, vcf files or folders, in place of demo data
      --data FILE         keep the sandbox's store in a file`;

export interface OpenConnection {
  readonly connection: Connection;
  close(): Promise<void>;
}

export interface GivenConnection {
  /** Connection string. */
  readonly text: string;
  /** Ends the sandbox, where there is one. */
  close(): Promise<void>;
}

export async function openConnection(args: ParsedArguments): Promise<OpenConnection> {
  const { text, close } = await givenConnection(args);
  try {
    const connection = await connect(text);
    return {
      connection,
      close: async () => {
        await connection.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The connection string of the options, or that of a sandbox that is started for it. */
export async function givenConnection(args: ParsedArguments): Promise<GivenConnection> {
  if (args.flag('sandbox')) return openSandbox(args);
  const orphan = Object.keys(SANDBOX_OPTIONS).find((name) => args.flag(name));
  if (orphan !== undefined) throw new UsageError(`--${orphan} goes with --sandbox`);
  const text = await given(args);
  if (text === undefined) throw new UsageError(`no connection: give --sandbox to try it on demo data, --connection "…", or set ${CONNECTION_VARIABLE}`);
  return { text, close: () => Promise.resolve() };
}

/** For what needs the tables only, which are known without a service. A connection that is given must still be a right one. */
export async function openCatalog(args: ParsedArguments): Promise<OpenConnection> {
  const connection = await connect((args.flag('sandbox') ? undefined : await given(args)) ?? 'Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=none');
  return { connection, close: () => connection.close() };
}

/** The connection string of a command that has no use for a sandbox. */
export async function neededConnection(args: ParsedArguments): Promise<string> {
  const text = await given(args);
  if (text === undefined) throw new UsageError(`no connection: give --connection "…", or set ${CONNECTION_VARIABLE}`);
  return text;
}

async function given(args: ParsedArguments): Promise<string | undefined> {
  const profile = args.value('profile');
  const text = args.value('connection');
  if (profile !== undefined && text !== undefined) throw new UsageError('give --profile or --connection, not both');
  if (profile !== undefined) return profileNamed(profile);
  const found = text ?? process.env[CONNECTION_VARIABLE];
  if (found !== undefined && found.trim() !== '') return found;
  const named = process.env[PROFILE_VARIABLE];
  return named === undefined || named === '' ? undefined : profileNamed(named);
}

async function openSandbox(args: ParsedArguments): Promise<GivenConnection> {
  for (const other of ['connection', 'profile']) if (args.flag(other)) throw new UsageError(`give --sandbox or --${other}, not both`);
  const options = sandboxOptions(args);
  const { startSandbox } = await import('../sandbox/index.js');
  const progress = importProgress(process.stderr);
  const sandbox = await startSandbox({ ...options, onImportProgress: progress.update }).finally(progress.stop);
  if (sandbox.imported !== undefined) process.stderr.write(`${importSummary(sandbox.imported, 'exchange-sql sandbox --import names them')}\n`);
  return { text: sandbox.connectionString, close: () => sandbox.close() };
}

export interface SandboxArguments {
  messages?: number;
  seed?: number;
  importPaths?: readonly string[];
  data?: string;
}

export function sandboxOptions(args: ParsedArguments): SandboxArguments {
  const options: SandboxArguments = {};
  const imports = args.values('import');
  const messages = args.integer('messages') ?? (imports.length > 0 ? 0 : undefined);
  const seed = args.integer('seed');
  const data = args.value('data');
  if (messages !== undefined) options.messages = messages;
  if (seed !== undefined) options.seed = seed;
  if (imports.length > 0) options.importPaths = imports;
  if (data !== undefined) options.data = data;
  return options;
}
