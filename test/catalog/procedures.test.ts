/** What must hold for every procedure declaration, and for binding a call's values. */
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import { bindInputs, type GivenInput } from '../../src/catalog/procedure-inputs.js';
import type { ProcedureDeclaration } from '../../src/catalog/procedure.js';
import { SIGN_IN_PROCEDURES } from '../../src/driver/sign-in/procedures.js';
import { ExchangeSqlError } from '../../src/errors.js';
import { SCRIPTS } from '../../src/graph/procedures/scripts.js';
import { translate } from '../../src/sql/index.js';

const SCHEMA = fileURLToPath(new URL('../../schema/', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(SCHEMA + name, 'utf8'));
const files = readdirSync(`${SCHEMA}msgraph/procedures`);
const catalog = loadCatalog('msgraph');
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(read('procedure.schema.json') as object);

const thrown = (work: () => unknown): ExchangeSqlError => {
  try {
    work();
  } catch (error) {
    if (error instanceof ExchangeSqlError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('declarations', () => {
  it.each(files)('%s validates and points at its schema', (name) => {
    const file = read(`msgraph/procedures/${name}`) as { $schema?: string; name: string };
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
    expect([file.$schema, `${file.name}.json`]).toEqual(['../../procedure.schema.json', name]);
  });

  it('have code or a request, never both or neither', () => {
    const coded = catalog.procedures().filter(({ request }) => request === undefined).map(({ name }) => name);
    expect([...Object.keys(SCRIPTS), ...Object.keys(SIGN_IN_PROCEDURES)].sort()).toEqual([...coded].sort());
  });

  it.each(catalog.procedures().map((procedure) => [procedure.name, procedure] as const))('%s: texts are sentences, the example binds, no name is taken', (_, procedure) => {
    for (const text of [procedure.description, ...procedure.inputs.map(({ description }) => description), ...procedure.outputs.map(({ description }) => description)]) expect(text).toMatch(/^[A-Z].{2,}[\w)'.]\.?$/);
    const { call } = translate(procedure.example, { now: new Date(), schemas: ['MSGraph'], catalogs: [] });
    expect(call?.procedure).toBe(procedure.name);
    const given = call!.values.map(({ name, start }): GivenInput => ({ ...(name === undefined ? {} : { name }), value: undefined, position: start }));
    const known = new Set(procedure.inputs.flatMap(({ name, aliases = [] }) => [name, ...aliases]).map((name) => name.toLowerCase()));
    expect(given.filter(({ name }) => name === undefined || !known.has(name.toLowerCase()))).toEqual([]);
    for (const { name, required } of procedure.inputs) if (required === true) expect(given.map((one) => one.name)).toContain(name);
    expect(procedure.inputs.find(({ name }) => name === 'UserId')?.required !== true).toBe(procedure.scope === 'mailbox' || procedure.inputs.every(({ name }) => name !== 'UserId'));
    expect(new Set(procedure.outputs.map(({ name }) => name.toLowerCase())).size).toBe(procedure.outputs.length);
    expect(procedure.inputs.some(({ format }) => format === 'file' || format === 'directory' || format === 'attachments')).toBe(procedure.files === true);
  });

  it('are found by name and alias without case', () => {
    expect(catalog.procedure('movemail')?.name).toBe('MoveMail');
    expect(catalog.procedure('nothing')).toBeUndefined();
    expect(catalog.suggestProcedures('MovMail')).toEqual(['MoveMail']);
  });
});

describe('a folder of one’s own', () => {
  const folder = (declaration: unknown): string => {
    const location = mkdtempSync(join(tmpdir(), 'procedures-'));
    mkdirSync(join(location, 'procedures'));
    writeFileSync(join(location, 'procedures', 'Own.json'), JSON.stringify(declaration));
    return location;
  };
  const own = {
    name: 'Flag', description: 'Flags a message.', kind: 'write', scope: 'mailbox', example: "EXEC Flag Id = 'x'",
    inputs: [{ name: 'Id', type: 'text', required: true, description: 'Message.' }], outputs: [{ name: 'Status', type: 'text', value: 'Success', description: 'Success.' }],
    request: { method: 'PATCH', path: '/messages/{Id}', body: { flag: { flagStatus: 'flagged' } }, idempotent: true },
  };

  it('adds procedures of one request', () => {
    const loaded = loadCatalog('msgraph', { location: folder(own) });
    expect(loaded.procedure('flag')?.inputs.map(({ name }) => name)).toEqual(['Id', 'UserId']);
    expect(loaded.procedure('MoveMail')).toBeDefined();
  });

  it.each<[string, unknown, string]>([
    ['no request', { ...own, request: undefined, outputs: [{ name: 'Status', type: 'text', description: 'Success.' }] }, 'lacks the member "request"'],
    ['an unknown member', { ...own, colour: 1 }, 'unknown member "colour"'],
    ['an input that is not declared', { ...own, request: { ...own.request, path: '/messages/{Key}' } }, 'names the input Key'],
    ['a place in the path that may stay empty', { ...own, inputs: [{ name: 'Id', type: 'text', description: 'Message.' }] }, 'names the input Id'],
    ['an output from nowhere', { ...own, outputs: [{ name: 'Id', type: 'text', description: 'Message.' }] }, 'needs one of "path"'],
    ['a default of a required input', { ...own, inputs: [{ ...own.inputs[0], default: 'x' }] }, 'is required and has a default'],
    ['an input twice', { ...own, inputs: [own.inputs[0], { ...own.inputs[0], name: 'ID' }] }, 'stands twice'],
    ['the input UserId', { ...own, inputs: [own.inputs[0], { name: 'userid', type: 'text', description: 'User.' }] }, 'stands twice'],
  ])('refuses %s, naming file and member', (_, declaration, problem) => {
    const error = thrown(() => loadCatalog('msgraph', { location: folder(declaration) }));
    expect([error.code, error.message]).toEqual(['CONNECTION_STRING', expect.stringContaining(problem)]);
    expect(error.message).toContain('Own.json');
  });
});

describe('binding', () => {
  const procedure: ProcedureDeclaration = {
    name: 'Try', description: 'Tries.', kind: 'read', scope: 'tenant', example: '', outputs: [],
    inputs: [
      { name: 'Id', aliases: ['MessageId'], type: 'text', required: true, description: 'Id of it.' },
      { name: 'Flag', type: 'boolean', default: true, description: 'Flag.' },
      { name: 'Kind', type: 'text', values: ['accept', 'decline'], description: 'Kind.' },
      { name: 'At', type: 'timestamp', description: 'Time.' },
      { name: 'Count', type: 'integer', description: 'Count.' },
      { name: 'Data', type: 'binary', description: 'Bytes.' },
      { name: 'Body', type: 'json', description: 'JSON.' },
      { name: 'Share', type: 'double', description: 'Share.' },
    ],
  };
  const bind = (...given: [string | undefined, GivenInput['value']][]): Record<string, unknown> =>
    Object.fromEntries(bindInputs(procedure, given.map(([name, value], index) => ({ ...(name === undefined ? {} : { name }), value, position: index * 10 }))));

  it('goes by name without case, by alias, by position, with defaults', () => {
    expect(bind(['ID', 'x'])).toEqual({ Id: 'x', Flag: 1n });
    expect(bind(['messageid', 'x'], ['flag', 'no'])).toEqual({ Id: 'x', Flag: 0n });
    expect(bind([undefined, 'x'], [undefined, 0n], ['kind', 'ACCEPT'])).toEqual({ Id: 'x', Flag: 0n, Kind: 'accept' });
    expect(bind([undefined, 7n], [undefined, undefined], [undefined, null])).toEqual({ Id: '7', Flag: 1n });
  });

  it.each<[string, GivenInput['value'], unknown]>([
    ['At', '2026-03-01', '2026-03-01T00:00:00Z'],
    ['At', '2026-03-01 09:30', '2026-03-01T09:30:00Z'],
    ['At', '2026-03-01T09:30:00.1234567+0130', '2026-03-01T08:00:00Z'],
    ['Count', '12', 12n],
    ['Data', 'aGk=', new Uint8Array([104, 105])],
    ['Data', new Uint8Array([1]), new Uint8Array([1])],
    ['Body', '{"a":1}', '{"a":1}'],
    ['Share', '0.5', 0.5],
    ['Share', 2n, 2],
  ])('%s takes %s', (name, value, bound) => {
    const got = bind(['Id', 'x'], [name, value])[name];
    expect(got instanceof Uint8Array ? new Uint8Array(got) : got).toEqual(bound);
  });

  it.each<[string, GivenInput['value']]>([
    ['Flag', 'maybe'], ['Flag', 2n], ['Kind', 'tentative'], ['At', '2026-02-30'], ['At', 'soon'], ['At', 5n], ['Count', 1.5], ['Count', 'x'], ['Data', 'no base64!'], ['Data', 'a'], ['Body', '{'], ['Share', 'x'], ['Id', new Uint8Array([1])],
  ])('%s refuses %s by name and place', (name, value) => {
    const error = thrown(() => bind(...(name === 'Id' ? [] : [['Id', 'x'] as [string, string]]), [name, value]));
    expect([error.code, error.message, error.position]).toEqual(['BAD_VALUE', expect.stringContaining(`the input ${name} of Try needs `), name === 'Id' ? 0 : 10]);
    expect(error.hint).toBeTruthy();
  });

  it.each<[string, [string | undefined, string][], string, string]>([
    ['an unknown one', [['Id', 'x'], ['Knid', 'y']], 'Try has no input Knid', 'Did you mean Kind?'],
    ['one given twice', [['Id', 'x'], ['MessageId', 'y']], 'the input Id of Try is given twice', ''],
    ['a missing one', [['Kind', 'accept']], 'Try needs the input Id', 'Id (required), Flag, Kind'],
    ['position after name', [['Id', 'x'], [undefined, 'y']], 'a value without a name stands after', ''],
    ['too many', Array.from({ length: 9 }, () => [undefined, '1'] as [undefined, string]), 'Try has 8 inputs', 'It takes'],
  ])('refuses %s', (_, given, message, hint) => {
    const error = thrown(() => bind(...given));
    expect([error.code, error.message, error.hint]).toEqual(['BAD_PARAMETER', expect.stringContaining(message), expect.stringContaining(hint)]);
  });

  it('names the values that an enum has, and the nearest', () => {
    const error = thrown(() => bind(['Id', 'x'], ['Kind', 'acept']));
    expect([error.message, error.hint]).toEqual(['the input Kind of Try needs one of accept, decline', "Did you mean 'accept'?"]);
  });
});
