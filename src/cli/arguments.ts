/**
 * Owns: reading a command's arguments: declared options, did-you-mean, usage errors.
 * Does not own: what an option does (commands/).
 */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A wrong call; printed with the usage line, exit code 2. */
export class UsageError extends Error {}

export type OptionSpec = NonNullable<ParseArgsConfig['options']>;

export interface ParsedArguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** A whole number, or a usage error. */
  integer(name: string, minimum?: number): number | undefined;
}

export function parseArguments(args: readonly string[], options: OptionSpec): ParsedArguments {
  for (const arg of args) {
    if (arg === '--') break;
    if (!arg.startsWith('--')) continue;
    const name = arg.slice(2).split('=', 1)[0] ?? '';
    if (!(name in options)) {
      const near = nearest(name, Object.keys(options));
      throw new UsageError(`unknown option --${name}${near === undefined ? '' : `; did you mean --${near}?`}`);
    }
  }
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0]! : String(error));
  }
  const values = parsed.values as Record<string, string | boolean | (string | boolean)[] | undefined>;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals: parsed.positionals,
    flag: (name) => values[name] === true,
    value: text,
    values: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
    },
    integer: (name, minimum = 0) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!Number.isSafeInteger(number) || number < minimum || value.trim() === '') throw new UsageError(`--${name} takes a whole number from ${String(minimum)}, not '${value}'`);
      return number;
    },
  };
}

/** The candidate within two edits of `name`, if any. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
