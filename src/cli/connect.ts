/**
 * Owns: where a command's connection comes from: --connection, an environment variable, or --sandbox inside the process.
 */
import { connect, type Connection } from '../index.js';
import { UsageError, type OptionSpec, type ParsedArguments } from './arguments.js';

/** Environment variable that holds a connection string. */
export const CONNECTION_VARIABLE = 'EXCHANGE_SQL_CONNECTION';

export const CONNECTION_OPTIONS: OptionSpec = {
  connection: { type: 'string', short: 'c' },
  sandbox: { type: 'boolean' },
  messages: { type: 'string' },
  seed: { type: 'string' },
  import: { type: 'string', multiple: true },
  data: { type: 'string' },
};

export const CONNECTION_HELP = `Connection (one of):
  -c, --connection TEXT   connection string, e.g. "Schema=MSGraph;AuthScheme=OAuth;InitiateOAuth=OFF;OAuthAccessToken=…"
  ${CONNECTION_VARIABLE}   environment variable with a connection string
  --sandbox               a mailbox emulator with demo data, started inside this process
      --messages N        demo messages (default 2000)     --seed N     seed of the demo data
      --import PATH       read mbox, maildir, eml, ics, vcf; may be repeated
      --data FILE         keep the sandbox's store in a file`;

export interface OpenConnection {
  readonly connection: Connection;
  close(): Promise<void>;
}

export async function openConnection(args: ParsedArguments): Promise<OpenConnection> {
  const text = args.value('connection') ?? process.env[CONNECTION_VARIABLE];
  if (args.flag('sandbox')) {
    if (args.value('connection') !== undefined) throw new UsageError('give --sandbox or --connection, not both');
    const { startSandbox } = await import('../sandbox/index.js');
    const sandbox = await startSandbox(sandboxOptions(args));
    try {
      const connection = await connect(sandbox.connectionString);
      return {
        connection,
        close: async () => {
          await connection.close();
          await sandbox.close();
        },
      };
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }
  if (text === undefined || text.trim() === '') {
    throw new UsageError(`no connection: give --sandbox to try it on demo data, --connection "…", or set ${CONNECTION_VARIABLE}`);
  }
  const connection = await connect(text);
  return { connection, close: () => connection.close() };
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
