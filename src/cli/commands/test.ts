/**
 * Owns: `exchange-sql test`: tries a connection step by step and says what is wrong.
 */
import { testConnection } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, givenConnection } from '../connect.js';
import { onInterrupt } from '../interrupt.js';
import { printable } from '../printable.js';

const HELP = `Usage: exchange-sql test [--table NAME] [connection]

Reads the properties, reaches the service, signs in and reads one row; the first step that fails is explained. With Schema=EWS it asks
the Exchange server for the inbox.

      --table NAME        table to read one row of (default Messages)

${CONNECTION_HELP}
`;

const MARKS = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;

export async function test(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, table: { type: 'string' }, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  const table = parsed.value('table');
  if (parsed.positionals.length > 0) throw new UsageError('exchange-sql test takes a connection only: --connection "…"');
  const given = await givenConnection(parsed);
  const abort = new AbortController();
  const interrupt = onInterrupt(() => abort.abort());
  try {
    for await (const { name, status, detail, error } of testConnection(given.text, { signal: abort.signal, ...(table === undefined ? {} : { table }) })) {
      process.stdout.write(`${MARKS[status].padEnd(8)} ${name}${status === 'failed' ? '' : `: ${printable(detail)}`}\n`);
      if (error !== undefined) throw error;
    }
    process.stdout.write('The connection works.\n');
  } finally {
    interrupt.remove();
    await given.close();
  }
}
