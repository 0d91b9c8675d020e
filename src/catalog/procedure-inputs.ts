/**
 * Owns: binding the values of a call to the inputs of a procedure: names, order, defaults, types, closed value sets.
 * Does not own: what a list or a recipient looks like inside (the protocol reads that), folding expressions (driver/).
 * Invariants: pure; every error names the procedure and the input, and says what is allowed.
 */
import { ExchangeSqlError } from '../errors.js';
import type { SqlValue } from '../scan/value.js';
import type { InputDeclaration, ProcedureDeclaration } from './procedure.js';
import { similarNames } from './similar.js';

/** One value of a call; `undefined` is DEFAULT. */
export interface GivenInput {
  /** As written, without a sigil; absent for a value by position. */
  readonly name?: string;
  readonly value: SqlValue | undefined;
  /** Offset in the user's text. */
  readonly position: number;
}

/** Which declared input each value of a call is for. @throws ExchangeSqlError BAD_PARAMETER: unknown, given twice, too many. */
export function matchInputs(procedure: ProcedureDeclaration, given: readonly Omit<GivenInput, 'value'>[]): readonly InputDeclaration[] {
  const matched: InputDeclaration[] = [];
  let named = false;
  for (const [index, { name, position }] of given.entries()) {
    if (name === undefined && named) throw bad(`a value without a name stands after one with a name in the call of ${procedure.name}`, 'Give every value a name, or put those without one first.', position);
    named = name !== undefined;
    const input = name === undefined ? offered(procedure)[index] : find(procedure, name);
    if (input === undefined) {
      if (name === undefined) throw bad(`${procedure.name} has ${String(offered(procedure).length)} inputs, but more values were given`, allowed(procedure), position);
      const near = similarNames(name, offered(procedure).flatMap((one) => [one.name, ...(one.aliases ?? [])]));
      throw bad(`${procedure.name} has no input ${name}`, near.length === 0 ? allowed(procedure) : `Did you mean ${near.join(' or ')}? ${allowed(procedure)}`, position);
    }
    if (input.notOffered !== undefined) {
      throw new ExchangeSqlError('NOT_SUPPORTED', `the input ${input.name} of ${procedure.name} is not offered: ${input.notOffered}`, { hint: `Leave ${input.name} out.`, position });
    }
    if (matched.includes(input)) throw bad(`the input ${input.name} of ${procedure.name} is given twice`, 'Give it once.', position);
    matched.push(input);
  }
  return matched;
}

/**
 * The inputs of a call by canonical name, defaults filled in. NULL and DEFAULT count as not given.
 *
 * @throws ExchangeSqlError BAD_PARAMETER for a missing one, BAD_VALUE for one of a wrong type or outside its values.
 */
export function bindInputs(procedure: ProcedureDeclaration, given: readonly GivenInput[]): ReadonlyMap<string, SqlValue> {
  const inputs = matchInputs(procedure, given);
  const bound = new Map<string, SqlValue>();
  for (const [index, { value, position }] of given.entries()) {
    const input = inputs[index]!;
    if (value === undefined || value === null) continue;
    bound.set(input.name, convert(procedure, input, value, position));
  }
  for (const input of procedure.inputs) {
    if (input.required === true && bound.get(input.name) === '') throw bad(`${procedure.name} needs the input ${input.name}`, `Give ${input.name} a value that is not empty.`);
    if (bound.has(input.name)) continue;
    if (input.required === true) throw bad(`${procedure.name} needs the input ${input.name}`, `${input.description} ${allowed(procedure)}`);
    if (input.default !== undefined) bound.set(input.name, plain(input.default));
  }
  return bound;
}

const find = ({ inputs }: ProcedureDeclaration, name: string): InputDeclaration | undefined =>
  inputs.find((input) => [input.name, ...(input.aliases ?? [])].some((one) => one.toLowerCase() === name.toLowerCase()));

const plain = (value: string | number | boolean): SqlValue => (typeof value === 'boolean' ? (value ? 1n : 0n) : typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value);

/** Inputs that can be given, in the order of values without a name. */
export const offered = ({ inputs }: ProcedureDeclaration): readonly InputDeclaration[] => inputs.filter(({ notOffered }) => notOffered === undefined);

function allowed(procedure: ProcedureDeclaration): string {
  return `It takes ${offered(procedure).map(({ name, required }) => (required === true ? `${name} (required)` : name)).join(', ')}.`;
}

function bad(message: string, hint: string, position?: number): ExchangeSqlError {
  return new ExchangeSqlError('BAD_PARAMETER', message, { hint, ...(position === undefined ? {} : { position }) });
}

function convert(procedure: ProcedureDeclaration, input: InputDeclaration, value: Exclude<SqlValue, null>, position: number): SqlValue {
  const refuse = (needs: string, hint: string): never => {
    throw new ExchangeSqlError('BAD_VALUE', `the input ${input.name} of ${procedure.name} needs ${needs}`, { hint, position });
  };
  switch (input.type) {
    case 'boolean':
      return booleanOf(value) ?? refuse('true or false', 'Write true, false, 1 or 0.');
    case 'integer':
    case 'bigint':
      return integerOf(value) ?? refuse('a whole number', 'Write it without quotes and without a fraction.');
    case 'double':
      return numberOf(value) ?? refuse('a number', 'Write it with a decimal point.');
    case 'timestamp':
      return timestampOf(value) ?? refuse('a date or a timestamp', "Write '2026-03-01T09:00:00Z'; without an offset it is taken as UTC.");
    case 'binary':
      if (value instanceof Uint8Array) return value;
      return bytesOf(value) ?? refuse('bytes, or base64 text', "Write x'…', or give a parameter of bytes.");
    case 'json':
      return jsonOf(value) ?? refuse('JSON', 'Write a JSON object or array in quotes.');
    default:
      return textOf(input, value) ?? refuse(input.values === undefined ? 'text' : `one of ${input.values.join(', ')}`, input.values === undefined ? 'Write it in single quotes.' : hintFor(input.values, value));
  }
}

function hintFor(values: readonly string[], value: SqlValue): string {
  const near = typeof value === 'string' ? similarNames(value, values) : [];
  return near.length === 0 ? `Write '${values[0] ?? ''}'.` : `Did you mean '${near[0]!}'?`;
}

function booleanOf(value: SqlValue): bigint | undefined {
  if (value === 1n || value === 0n) return value;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  return ['true', 'yes', 'on', '1'].includes(word) ? 1n : ['false', 'no', 'off', '0'].includes(word) ? 0n : undefined;
}

function integerOf(value: SqlValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' && /^\s*[+-]?\d{1,18}\s*$/.test(value) ? BigInt(value.trim()) : undefined;
}

function numberOf(value: SqlValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** Normal-form UTC text of whole seconds. */
function timestampOf(value: SqlValue): string | undefined {
  const match = typeof value === 'string' ? TIMESTAMP.exec(value.trim()) : null;
  if (match === null) return undefined;
  const [, date, minutes = '00:00', seconds = '00', , zone = 'Z'] = match;
  const head = `${date!}T${minutes}:${seconds}`;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const local = Date.parse(`${head}Z`);
  // Date.parse rolls 30 February over.
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 19) !== head) return undefined;
  const time = Date.parse(head + offset);
  return Number.isNaN(time) ? undefined : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function bytesOf(value: SqlValue): Uint8Array | undefined {
  const text = typeof value === 'string' ? value.replace(/\s/g, '') : undefined;
  if (text === undefined || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  // One character past a group of four cannot hold a byte.
  return text.replace(/=+$/, '').length % 4 === 1 ? undefined : Buffer.from(text, 'base64');
}

function jsonOf(value: SqlValue): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    JSON.parse(value);
    return value;
  } catch {
    return undefined;
  }
}

function textOf({ values }: InputDeclaration, value: SqlValue): string | undefined {
  const text = typeof value === 'string' ? value : typeof value === 'bigint' || typeof value === 'number' ? String(value) : undefined;
  if (text === undefined || values === undefined) return text;
  return values.find((one) => one.toLowerCase() === text.trim().toLowerCase());
}
