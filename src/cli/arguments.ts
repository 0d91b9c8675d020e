/**
 * Owns: reading a command's arguments: declared options, several values after one, did-you-mean, usage errors.
 * Does not own: what an option does (commands/).
 * Invariants: an argument is never guessed away: it is an option, an option's value, or a positional.
 */
import { existsSync } from 'node:fs';
import { similarNames } from '../catalog/similar.js';

/** A wrong call; exit code 2. */
export class UsageError extends Error {}

export interface OptionSpecification {
  readonly type: 'string' | 'boolean';
  /** One letter for `-x`. */
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** Takes the paths after it too: `--import mail calendar`. */
  readonly paths?: boolean;
}
export type OptionSpec = Readonly<Record<string, OptionSpecification>>;

export interface ParsedArguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** A whole number, or a usage error. */
  integer(name: string, minimum?: number, maximum?: number): number | undefined;
}

export function parseArguments(args: readonly string[], options: OptionSpec): ParsedArguments {
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    if (arg === '--') {
      positionals.push(...args.slice(index + 1));
      break;
    }
    const option = optionOf(arg, options);
    if (option === undefined) {
      positionals.push(arg);
      continue;
    }
    const { name, specification } = option;
    const values = given.get(name) ?? [];
    if (values.length > 0 && specification.type === 'string' && specification.multiple !== true) throw new UsageError(`--${name} is given twice`);
    given.set(name, values);
    if (specification.type === 'boolean') {
      if (option.value !== undefined) throw new UsageError(`--${name} takes no value`);
      values.push('');
      continue;
    }
    const value = option.value ?? args[(index += 1)];
    // A value may begin with a dash (-5, a comment), but a known option in its place means it was forgotten.
    if (value === undefined || (option.value === undefined && isKnownOption(value, options))) throw new UsageError(`--${name} needs a value`);
    values.push(value);
    if (specification.paths === true) {
      while (index + 1 < args.length && !args[index + 1]!.startsWith('-') && existsSync(args[index + 1]!)) values.push(args[(index += 1)]!);
    }
  }
  const text = (name: string): string | undefined => given.get(name)?.at(-1);
  return {
    positionals,
    flag: (name) => given.has(name),
    value: text,
    values: (name) => given.get(name) ?? [],
    integer: (name, minimum = 0, maximum = Number.MAX_SAFE_INTEGER) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < minimum || number > maximum) {
        throw new UsageError(`--${name} takes a whole number from ${String(minimum)}${maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${String(maximum)}`}, not '${value}'`);
      }
      return number;
    },
  };
}

interface FoundOption {
  readonly name: string;
  readonly specification: OptionSpecification;
  /** After `=`, or stuck to a short option. */
  readonly value: string | undefined;
}

/** The option an argument names; undefined for a positional. Throws for an unknown option. */
function optionOf(arg: string, options: OptionSpec): FoundOption | undefined {
  // A lone dash is a name for standard input; an argument with blanks is a statement that begins with a comment.
  if (arg === '-' || !arg.startsWith('-') || /^-[-\w]*\s/.test(arg)) return undefined;
  if (arg.startsWith('--')) {
    const [, name = '', value] = /^--([^=]*)(?:=([^]*))?$/.exec(arg) ?? [];
    const specification = Object.hasOwn(options, name) ? options[name] : undefined;
    if (specification !== undefined) return { name, specification, value };
    const near = nearest(name, Object.keys(options));
    throw new UsageError(`unknown option --${name}${near === undefined ? '' : `; did you mean --${near}?`}`);
  }
  const found = Object.entries(options).find(([, { short }]) => short === arg[1]);
  if (found === undefined) throw new UsageError(`unknown option ${arg}`);
  const [name, specification] = found;
  return { name, specification, value: arg.length === 2 ? undefined : arg.slice(arg[2] === '=' ? 3 : 2) };
}

function isKnownOption(arg: string, options: OptionSpec): boolean {
  const name = /^--([^=\s]+)/.exec(arg)?.[1];
  if (name !== undefined) return Object.hasOwn(options, name);
  return /^-[A-Za-z]$/.test(arg) && Object.values(options).some(({ short }) => short === arg[1]);
}

/** The candidate that `name` may have been meant as, if any. */
export const nearest = (name: string, candidates: readonly string[]): string | undefined => similarNames(name, candidates, 1)[0];
