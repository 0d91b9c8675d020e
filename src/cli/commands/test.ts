/**
 * Owns: `exchange-sql test`: connects, signs in, reads one row, and says in plain words what is wrong.
 */
import { testConnection } from '../../index.js';
import { parseArguments, UsageError } from '../arguments.js';
import { CONNECTION_HELP, CONNECTION_OPTIONS, givenConnection } from '../connect.js';
import { printable } from '../printable.js';

const HELP = `Usage: exchange-sql test [connection]

Connects, signs in and reads one row. With Schema=EWS it asks the Exchange server for the inbox.

${CONNECTION_HELP}
`;

export async function test(args: readonly string[]): Promise<void> {
  const parsed = parseArguments(args, { ...CONNECTION_OPTIONS, help: { type: 'boolean', short: 'h' } });
  if (parsed.flag('help')) {
    process.stdout.write(HELP);
    return;
  }
  if (parsed.positionals.length > 0) throw new UsageError('exchange-sql test takes a connection only: --connection "…"');
  const given = await givenConnection(parsed);
  try {
    const { findings, milliseconds, warnings } = await testConnection(given.text);
    for (const { code, message } of warnings) process.stderr.write(`warning ${code}: ${printable(message)}\n`);
    for (const finding of findings) process.stdout.write(`${printable(finding)}\n`);
    process.stdout.write(`OK, ${milliseconds.toFixed(0)} ms\n`);
  } finally {
    await given.close();
  }
}
