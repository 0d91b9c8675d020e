/**
 * Owns: the one statement of a call: from the arguments, a file or standard input.
 */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from './arguments.js';

export async function statementText(command: string, positionals: readonly string[], file: string | undefined): Promise<string> {
  const statement = await given(command, positionals, file);
  if (statement.trim() === '') throw new UsageError(file === undefined ? 'the statement is empty' : `${file === '-' ? 'standard input' : file} holds no statement`);
  return statement;
}

async function given(command: string, positionals: readonly string[], file: string | undefined): Promise<string> {
  if (file !== undefined) {
    if (positionals.length > 0) throw new UsageError('give the statement or --file, not both');
    return readStatement(file);
  }
  if (positionals.length === 1) return positionals[0] === '-' ? readStatement('-') : positionals[0]!;
  if (positionals.length === 0) throw new UsageError(`no statement: exchange-sql ${command} "SELECT …"`);
  throw new UsageError(`one statement, please; put it in quotes (got ${String(positionals.length)} arguments: ${positionals.slice(0, 3).join(' ')} …)`);
}

async function readStatement(file: string): Promise<string> {
  try {
    const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
    return content.replace(/^\ufeff/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${file}: ${code === 'ENOENT' ? 'there is no such file' : code ?? String(error)}`);
  }
}
