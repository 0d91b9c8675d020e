/**
 * Owns: the checks a procedure declaration must pass before it becomes part of a catalog.
 * Does not own: the JSON Schema for editors (schema/procedure.schema.json), which says the same to a human.
 * Invariants: every error names the file and the member; what passes has the shape of ProcedureDeclaration, UserId included.
 */
import { ExchangeSqlError } from '../errors.js';
import { flag, identifier, isObject, listOf, objectOf, oneOf, servicePath, text, type Code, type Fail, type Rule } from './check.js';
import { USER_ID, type BodyTemplate, type InputDeclaration, type ProcedureDeclaration } from './procedure.js';

export interface ProcedureFile {
  readonly file: string;
  readonly code: Code;
  readonly declaration: ProcedureDeclaration;
}

const type = oneOf('text', 'timestamp', 'date', 'time', 'boolean', 'integer', 'bigint', 'double', 'json', 'binary');
const scalar: Rule = (value, at, fail) => {
  if (!['string', 'number', 'boolean'].includes(typeof value)) fail(at, 'has to be a text, a number or a boolean');
};
const anything: Rule = () => undefined;

const input = objectOf(
  { name: identifier, type, description: text },
  { aliases: listOf(identifier, 1), format: oneOf('list', 'recipients', 'folder', 'contactFolder', 'attachments', 'file', 'directory'), required: flag, values: listOf(text, 1), default: scalar, notOffered: text },
);
const output = objectOf({ name: identifier, type, description: text }, { path: text, input: identifier, value: text });
const request = objectOf({ method: oneOf('GET', 'POST', 'PATCH', 'PUT', 'DELETE'), path: servicePath }, { body: anything, idempotent: flag });

const procedure = objectOf(
  { name: identifier, description: text, kind: oneOf('read', 'write', 'send'), scope: oneOf('mailbox', 'tenant'), inputs: listOf(input), outputs: listOf(output, 1), example: text },
  { $schema: text, aliases: listOf(identifier, 1), files: flag, permissions: objectOf({ delegated: text }, { application: text }), request },
);

/** Names in `{…}` of a path or a body. */
export const placeholdersOf = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

/** One file by itself. @throws ExchangeSqlError `code`, naming the file and the member. */
export function checkProcedure(file: string, value: unknown, code: Code): ProcedureDeclaration {
  const fail: Fail = (at, problem) => {
    throw new ExchangeSqlError(code, `${file}: ${at} ${problem}.`, { hint: 'schema/procedure.schema.json describes the members of a procedure declaration.' });
  };
  procedure(value, 'the declaration', fail);
  const { $schema: _, ...given } = value as ProcedureDeclaration & { $schema?: string };
  const declaration = given.scope === 'mailbox' ? { ...given, inputs: [...given.inputs, USER_ID] } : given;
  const names = new Set<string>();
  for (const name of declaration.inputs.flatMap((one) => [one.name, ...(one.aliases ?? [])])) {
    if (names.has(name.toLowerCase())) fail(`input ${name}`, 'stands twice, case aside');
    names.add(name.toLowerCase());
  }
  for (const one of declaration.inputs) checkInput(one, fail);
  checkRequest(declaration, fail);
  return declaration;
}

function checkInput({ name, type: of, format, required, default: given, values }: InputDeclaration, fail: Fail): void {
  const at = `input ${name}`;
  if (required === true && given !== undefined) fail(at, 'is required and has a default');
  if (values !== undefined && of !== 'text') fail(at, 'has "values" but is no text');
  if (values !== undefined && given !== undefined && !values.includes(String(given))) fail(at, 'has a default that is none of its values');
  if (format !== undefined && of !== 'text') fail(at, 'has a "format" but is no text');
}

function checkRequest({ request: wanted, outputs, inputs }: ProcedureDeclaration, fail: Fail): void {
  const find = (name: string): InputDeclaration | undefined => inputs.find((one) => one.name === name);
  for (const one of outputs) {
    const sources = [one.path, one.input, one.value].filter((source) => source !== undefined).length;
    if (wanted === undefined && sources > 0) fail(`output ${one.name}`, 'has a source, but the procedure has no "request"');
    if (wanted !== undefined && sources !== 1) fail(`output ${one.name}`, 'needs one of "path", "input" and "value"');
    if (one.input !== undefined && find(one.input) === undefined) fail(`output ${one.name}`, `names the input ${one.input}, which is not declared`);
  }
  if (wanted === undefined) return;
  for (const name of placeholdersOf(wanted.path)) {
    if (find(name)?.required !== true) fail('request.path', `names the input ${name}, which is not declared as required`);
  }
  for (const name of textsOf(wanted.body).flatMap(placeholdersOf)) if (find(name) === undefined) fail('request.body', `names the input ${name}, which is not declared`);
}

function textsOf(template: BodyTemplate | undefined): string[] {
  if (typeof template === 'string') return [template];
  if (Array.isArray(template)) return (template as readonly BodyTemplate[]).flatMap(textsOf);
  return isObject(template) ? Object.values(template as Readonly<Record<string, BodyTemplate>>).flatMap(textsOf) : [];
}
