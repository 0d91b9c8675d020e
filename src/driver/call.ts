/**
 * Owns: the life of a call: which procedure, what its inputs are worth, whether it may run, its rows or its plan.
 * Does not own: its syntax (sql/call-reader.ts), what it takes (catalog/), how it is done (the Procedures).
 * Invariants: every value is folded by the engine before anything is sent; a connection that only reads runs only what reads.
 */
import { bindInputs, matchInputs, type GivenInput } from '../catalog/procedure-inputs.js';
import type { InputDeclaration, ProcedureDeclaration } from '../catalog/procedure.js';
import type { BoundParameters } from '../engine/types.js';
import { ExchangeSqlError } from '../errors.js';
import { explainCall } from '../planner/explain-call.js';
import type { ProcedureCall } from '../scan/procedure.js';
import type { SqlValue } from '../scan/value.js';
import type { CallStatement, CallValue, Translated } from '../sql/index.js';
import type { RawRow } from './execute.js';
import { fileStore } from './files.js';
import type { Column } from './results.js';
import type { Session } from './session.js';
import type { Opened, StatementContext } from './statement-context.js';
import { refuseHalfCharacters } from './whole-text.js';

export function openCall(context: StatementContext, translated: Translated, call: CallStatement, parameters: BoundParameters): Opened {
  const { session } = context;
  const { procedures } = session;
  if (procedures === undefined) throw new ExchangeSqlError('NOT_SUPPORTED', 'stored procedures are not offered by this connection');
  refuseHalfCharacters(context.original, parameters);
  const { declaration, bound } = bind(session, translated, call, parameters);
  const { kind } = declaration;
  // EXPLAIN sends nothing, so it is always allowed.
  const changes = kind !== 'read' && translated.explain === undefined;
  if (changes && context.safety.readonly) {
    throw new ExchangeSqlError('READ_ONLY', `${declaration.name} would ${declaration.kind === 'send' ? 'send mail' : 'change the mailbox'}, and the connection only reads`, { hint: 'Connect without Readonly=true.' });
  }
  if (changes && context.mode === 'queue') {
    throw new ExchangeSqlError('TRANSACTION', `${declaration.name} cannot be part of a transaction: a procedure is done at once`, { hint: 'COMMIT or ROLLBACK first.' });
  }
  const dry = changes && context.mode === 'dry-run';
  if (dry) context.warn({ code: 'DRY_RUN', message: `${declaration.name} was not run: these are the requests it would send` });
  const explain = translated.explain ?? (dry ? { analyze: false, format: 'rows' as const } : undefined);
  if (explain !== undefined) {
    const { analyze, format } = explain;
    if (analyze) throw new ExchangeSqlError('NOT_SUPPORTED', 'EXPLAIN ANALYZE would run the procedure', { hint: 'Use EXPLAIN to see the requests, or EXEC to run it.' });
    const { columns, rows } = explainCall(format, procedures.plan(bound), declaration);
    return { columns: columns.map(({ name, type }) => column(name, type)), batches: only(rows) };
  }
  const files = fileStore(session.fileAccess ?? 'off');
  for (const { name, format } of declaration.inputs) if ((format === 'file' || format === 'directory') && bound.inputs.has(name)) files.demand(name);
  const { signal, now, warn, statistics, maxRows } = context;
  return { columns: outputsOf(declaration), batches: capped(procedures.call(bound, { signal, now, warn, statistics, files }), maxRows) };
}

/** Result columns of a call, without values: for prepare. */
export function examineCall(session: Session, { explain, toOriginal }: Translated, call: CallStatement): readonly Column[] {
  const declaration = find(session, call, toOriginal);
  const places = call.values.map(({ name, start }) => ({ ...(name === undefined ? {} : { name }), position: toOriginal(start) }));
  matchInputs(declaration, places);
  return explain === undefined ? outputsOf(declaration) : [];
}

const outputsOf = ({ outputs }: ProcedureDeclaration): Column[] => outputs.map(({ name, type, description }) => ({ ...column(name, type), description }));

const column = (name: string, type: Column['type']): Column => ({ name, type, table: undefined, column: undefined, nullable: true, description: undefined });

function find({ catalog }: Session, { procedure, start }: CallStatement, toOriginal: (offset: number) => number): ProcedureDeclaration {
  const declaration = catalog.procedure(procedure);
  if (declaration !== undefined) return declaration;
  const near = catalog.suggestProcedures(procedure);
  throw new ExchangeSqlError('UNKNOWN_FUNCTION', `there is no procedure ${procedure}`, {
    position: toOriginal(start),
    hint: near.length === 0 ? 'SELECT ProcedureName, Description FROM sys_procedures lists them.' : `Did you mean ${near.join(' or ')}?`,
  });
}

function bind(session: Session, translated: Translated, call: CallStatement, parameters: BoundParameters): { readonly declaration: ProcedureDeclaration; readonly bound: ProcedureCall } {
  const toOriginal = (offset: number): number => translated.toOriginal(offset);
  const declaration = find(session, call, toOriginal);
  const places = call.values.map(({ name, start }) => ({ ...(name === undefined ? {} : { name }), position: toOriginal(start) }));
  const inputs = matchInputs(declaration, places);
  const given = call.values.map((value, index): GivenInput => ({ ...places[index]!, value: fold(session, translated, value, inputs[index]!, parameters) }));
  return { declaration, bound: { procedure: declaration.name, inputs: bindInputs(declaration, given) } };
}

function fold({ judge }: Session, { text, toOriginal }: Translated, { expression, isFolder, plain, plainBefore, start }: CallValue, input: InputDeclaration, { positional, named }: BoundParameters): SqlValue | undefined {
  if (expression === undefined) return undefined;
  if (isFolder && input.format !== 'folder' && input.format !== 'contactFolder') {
    throw new ExchangeSqlError('BAD_VALUE', `the input ${input.name} takes no folder`, { position: toOriginal(start), hint: 'FOLDER() is for inputs that name a folder.' });
  }
  const sql = text.slice(expression.start, expression.end);
  const folded = judge.fold(sql, { positional: positional.slice(plainBefore, plainBefore + plain), named });
  if (folded === undefined) throw notConstant(sql, input, toOriginal(expression.start));
  if (!isFolder || folded.value === null) return folded.value;
  if (typeof folded.value !== 'string') throw new ExchangeSqlError('BAD_VALUE', 'FOLDER() takes the path of a folder as text', { position: toOriginal(expression.start), hint: "Write FOLDER('/Inbox/Clients')." });
  // With the slash it is a path that has to exist; without it an unknown name would pass as an id.
  return folded.value.startsWith('/') ? folded.value : `/${folded.value}`;
}

function notConstant(sql: string, { name }: InputDeclaration, position: number): ExchangeSqlError {
  const hint = /^[A-Za-z_]\w*$/.test(sql) ? `Write a text in single quotes: ${name} = '${sql}'.` : /^"[^"]*"$/.test(sql) ? 'Texts stand in single quotes.' : 'A constant, a parameter or an expression of these can be given. Run a query first and pass its value as a parameter.';
  return new ExchangeSqlError('SYNTAX', `the value of the input ${name} is no constant expression`, { position, hint });
}

async function* only(rows: readonly RawRow[]): AsyncGenerator<readonly RawRow[], void, void> {
  await Promise.resolve();
  yield rows;
}

/** MaxRows limits what the caller gets, never what the procedure does: it runs to its end. */
async function* capped(batches: AsyncIterable<readonly RawRow[]>, most: number | undefined): AsyncGenerator<readonly RawRow[], void, void> {
  let left = most ?? Number.POSITIVE_INFINITY;
  for await (const batch of batches) {
    const rows = batch.length > left ? batch.slice(0, left) : batch;
    left -= rows.length;
    if (rows.length > 0) yield rows;
  }
}
