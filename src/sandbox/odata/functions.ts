/**
 * Owns: the functions an expression may call: their arguments and result types.
 * Does not own: what they compute (evaluate.ts).
 * Invariants: names are read in any letter case and come back in lower case; an unknown one is refused.
 */
import { primitive, structuredType } from './edm.js';
import type { EdmType } from './edm.js';
import { badCast, unknownFunction, wrongArguments } from './error.js';
import type { FilterNode, Scope, Syntax } from './tree.js';

type Family = 'text' | 'number' | 'moment';

interface Signature {
  readonly arguments: readonly Family[];
  readonly result: string;
  readonly shown: string;
}

const text2 = (name: string, result: string): Signature => ({
  arguments: ['text', 'text'], result,
  shown: `${name}(Edm.String Nullable=true, Edm.String Nullable=true)`,
});
const text1 = (name: string, result: string): Signature => ({ arguments: ['text'], result, shown: `${name}(Edm.String Nullable=true)` });
const moment1 = (name: string, result: string): Signature => ({
  arguments: ['moment'], result,
  shown: `${name}(Edm.DateTimeOffset Nullable=true); ${name}(Edm.Date Nullable=true)`,
});
const number1 = (name: string): Signature => ({ arguments: ['number'], result: 'Double', shown: `${name}(Edm.Double Nullable=true); ${name}(Edm.Decimal Nullable=true)` });

const SIGNATURES: Readonly<Record<string, readonly Signature[]>> = {
  contains: [text2('contains', 'Boolean')],
  startswith: [text2('startswith', 'Boolean')],
  endswith: [text2('endswith', 'Boolean')],
  indexof: [text2('indexof', 'Int32')],
  concat: [text2('concat', 'String')],
  length: [text1('length', 'Int32')],
  tolower: [text1('tolower', 'String')],
  toupper: [text1('toupper', 'String')],
  trim: [text1('trim', 'String')],
  substring: [
    { arguments: ['text', 'number'], result: 'String', shown: 'substring(Edm.String Nullable=true, Edm.Int32)' },
    { arguments: ['text', 'number', 'number'], result: 'String', shown: 'substring(Edm.String Nullable=true, Edm.Int32, Edm.Int32)' },
  ],
  year: [moment1('year', 'Int32')],
  month: [moment1('month', 'Int32')],
  day: [moment1('day', 'Int32')],
  hour: [moment1('hour', 'Int32')],
  minute: [moment1('minute', 'Int32')],
  second: [moment1('second', 'Int32')],
  date: [moment1('date', 'Date')],
  round: [number1('round')],
  floor: [number1('floor')],
  ceiling: [number1('ceiling')],
  now: [{ arguments: [], result: 'DateTimeOffset', shown: 'now()' }],
  mindatetime: [{ arguments: [], result: 'DateTimeOffset', shown: 'mindatetime()' }],
  maxdatetime: [{ arguments: [], result: 'DateTimeOffset', shown: 'maxdatetime()' }],
};

const NUMBER = /^Edm\.(Int\d+|S?Byte|Double|Single|Decimal)$/;

function fits(type: EdmType | undefined, family: Family): boolean {
  if (type === undefined) return true;
  if (type.collection) return false;
  if (family === 'text') return type.name === 'Edm.String';
  if (family === 'number') return NUMBER.test(type.name);
  return type.name === 'Edm.DateTimeOffset' || type.name === 'Edm.Date';
}

export function bindCall(syntax: Syntax & { readonly kind: 'call' }, scope: Scope, bind: (inner: Syntax, scope: Scope) => FilterNode): FilterNode {
  const name = syntax.name.toLowerCase();
  if (name === 'cast' || name === 'isof') return bindTypeCall(name, syntax, scope, bind);
  const signatures = Object.hasOwn(SIGNATURES, name) ? SIGNATURES[name] : undefined;
  if (signatures === undefined) throw unknownFunction(syntax.name);
  const list = syntax.arguments.map((argument) => bind(argument, scope));
  const match = signatures.find((signature) =>
    signature.arguments.length === list.length && signature.arguments.every((family, index) => fits(list[index]?.type, family)));
  if (match === undefined) throw wrongArguments(name, signatures.map((signature) => signature.shown).join('; '));
  return { kind: 'call', name, arguments: list, type: primitive(match.result), position: syntax.position };
}

/** The types `cast(x, T)` may turn a text or number into. */
const CAST_TARGETS: ReadonlySet<string> = new Set([
  'Edm.String', 'Edm.Int16', 'Edm.Int32', 'Edm.Int64', 'Edm.Double', 'Edm.Single', 'Edm.Decimal', 'Edm.Boolean', 'Edm.DateTimeOffset', 'Edm.Date', 'Edm.Guid',
]);

function bindTypeCall(name: 'cast' | 'isof', syntax: Syntax & { readonly kind: 'call' }, scope: Scope, bind: (inner: Syntax, scope: Scope) => FilterNode): FilterNode {
  const given = syntax.arguments;
  const last = given.at(-1);
  const written = last?.kind === 'path' && last.steps.length === 1 ? last.steps[0]?.name : last?.kind === 'literal' && last.literal === 'string' ? last.text : undefined;
  if (written === undefined || given.length > 2) throw wrongArguments(name, `${name}(expression, type)`);
  const operandSyntax = given.length === 2 ? given[0] : undefined;
  const operand = operandSyntax === undefined ? undefined : bind(operandSyntax, scope);
  const target = CAST_TARGETS.has(written) ? primitive(written.slice(4)) : structuredType(written);
  if (target === undefined) throw badCast(written);
  if (name === 'isof') return { kind: 'isof', operand, target: target.name, type: primitive('Boolean'), position: syntax.position };
  if (operand === undefined || target.kind !== 'primitive') throw badCast(written);
  return { kind: 'cast', operand, type: target, position: syntax.position };
}
