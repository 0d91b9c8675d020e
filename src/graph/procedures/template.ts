/**
 * Owns: procedures of one request whose declaration says it all: path and body filled with inputs, outputs read from the answer.
 * Invariants: a member of the body whose input is not given is left out; texts reach the path encoded.
 */
import type { BodyTemplate, InputDeclaration, ProcedureDeclaration } from '../../catalog/procedure.js';
import { emit, folderId, send, type Script } from './effect.js';
import { fillPath, member, type Inputs } from './inputs.js';
import { columnValue } from './values.js';

const SAMPLE = { id: '{id}', changeKey: '{changeKey}' };

export function* runDeclared(declaration: ProcedureDeclaration, inputs: Inputs): Script {
  const { request, outputs, scope, kind } = declaration;
  if (request === undefined) return;
  const values = new Map<string, unknown>();
  for (const input of declaration.inputs) {
    const value = yield* valueOf(input, inputs);
    if (value !== undefined) values.set(input.name, value);
  }
  const texts = Object.fromEntries([...values].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  const body = request.body === undefined ? undefined : fill(request.body, values);
  const mails = declaration.inputs.filter(({ format }) => format === 'recipients').flatMap(({ name }) => inputs.recipients(name)?.map(({ emailAddress }) => emailAddress.address) ?? []);
  const answer = yield* send({
    method: request.method,
    path: scope === 'mailbox' ? inputs.path(request.path, texts) : fillPath(request.path, texts),
    ...(body === undefined ? {} : { body: { json: body } }),
    repeat: (request.idempotent ?? kind === 'read') ? 'safe' : 'never',
    // What is read from the answer has to be there.
    mayBeEmpty: outputs.every(({ path }) => path === undefined),
    sample: SAMPLE,
    ...(kind === 'send' ? { mails } : {}),
    ...(scope === 'mailbox' ? {} : { mailbox: null }),
  });
  yield* emit(
    outputs.map(({ path, input, value, type }) => {
      if (value !== undefined) return value;
      if (input !== undefined) return columnValue(values.get(input), type);
      return columnValue((path ?? '').split('/').reduce(member, answer as unknown), type);
    }),
  );
}

function* valueOf({ name, type, format }: InputDeclaration, inputs: Inputs): Script<unknown> {
  if (!inputs.has(name)) return undefined;
  switch (format) {
    case 'list':
      return inputs.list(name);
    case 'recipients':
      return inputs.recipients(name);
    case 'folder':
      return yield* folderId(name, inputs.need(name));
    case 'contactFolder':
      return yield* folderId(name, inputs.need(name), 'contact');
    default:
  }
  switch (type) {
    case 'boolean':
      return inputs.flag(name);
    case 'integer':
    case 'bigint':
    case 'double':
      return inputs.number(name);
    case 'json':
      return inputs.json(name);
    case 'binary':
      return Buffer.from(inputs.bytes(name) ?? []).toString('base64');
    default:
      return inputs.content(name);
  }
}

const WHOLE = /^\{(\w+)\}$/;

/** Undefined for what has no value. An object that has lost all its members is left out, too. */
function fill(template: BodyTemplate, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof template === 'string') {
    const whole = WHOLE.exec(template);
    if (whole !== null) return values.get(whole[1]!);
    return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values.get(name) ?? ''));
  }
  if (Array.isArray(template)) return (template as readonly BodyTemplate[]).map((item) => fill(item, values)).filter((item) => item !== undefined);
  if (typeof template !== 'object' || template === null) return template;
  const members = Object.entries(template as Readonly<Record<string, BodyTemplate>>).map(([name, item]) => [name, fill(item, values)] as const);
  const kept = members.filter(([, value]) => value !== undefined);
  return members.length > 0 && kept.length === 0 ? undefined : Object.fromEntries(kept);
}
