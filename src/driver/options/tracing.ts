/**
 * Owns: the properties of traces: the log file, its level, modules and limits; the folder with a file for each statement.
 * Does not own: writing them (http/).
 */
import { ExchangeSqlError } from '../../errors.js';
import { logFile } from '../../http/log-file.js';
import { StatementTraces, type StatementRun } from '../../http/statement-traces.js';
import { Trace, TRACE_MODULES, type TraceLevel, type TraceModule } from '../../http/trace.js';
import { bad, type Reader } from './reader.js';

export interface TracingOptions {
  readonly logfile: string | undefined;
  readonly verbosity: TraceLevel;
  /** Undefined for all. */
  readonly modules: ReadonlySet<TraceModule> | undefined;
  /** Bytes; undefined for no limit. */
  readonly maxBytes: number | undefined;
  /** The current file included; undefined for no limit. */
  readonly maxFiles: number | undefined;
  readonly traceFolder: string | undefined;
}

export interface OpenTrace {
  readonly trace: Trace;
  /** Runs a statement's work where statements have files of their own. */
  readonly statement: (() => StatementRun) | undefined;
}

export function tracingOptions(reader: Reader): TracingOptions {
  const verbosity = reader.integer('Verbosity', 0, 5) as TraceLevel;
  const logfile = reader.text('Logfile');
  const traceFolder = reader.text('TraceFolder');
  if (logfile === undefined) {
    reader.warnUnused(['LogModules', 'MaxLogFileSize', 'MaxLogFileCount'], 'a connection without Logfile');
    return { logfile, verbosity, modules: undefined, maxBytes: undefined, maxFiles: undefined, traceFolder };
  }
  const count = reader.integer('MaxLogFileCount', -1, 100_000);
  return { logfile, verbosity, modules: modulesOf(reader), maxBytes: sizeOf(reader), maxFiles: count <= 0 ? undefined : count, traceFolder };
}

function modulesOf(reader: Reader): ReadonlySet<TraceModule> | undefined {
  const names = (reader.text('LogModules') ?? '').split(/[\s;,]+/).filter((name) => name !== '');
  if (names.length === 0) return undefined;
  return new Set(names.map((name) => {
    const known = TRACE_MODULES.find((one) => one === name.toUpperCase());
    if (known === undefined) throw bad(`LogModules has no module '${name.slice(0, 30)}'.`, `Use ${TRACE_MODULES.join(', ')}, separated by commas.`);
    return known;
  }));
}

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

function sizeOf(reader: Reader): number | undefined {
  const value = reader.text('MaxLogFileSize') ?? '100MB';
  const [, digits = '', unit = ''] = /^(-?\d{1,12})\s*(|B|KB|MB|GB)$/i.exec(value) ?? [];
  if (digits === '') throw bad('MaxLogFileSize is not a size.', 'Write 100MB, 512KB or 1GB; 0 for no limit.');
  const bytes = Number(digits) * UNITS[unit.toUpperCase()]!;
  return bytes <= 0 ? undefined : bytes;
}

/** @param service part of the names of statements' files. @throws ExchangeSqlError CONNECTION_STRING where nothing can be written. */
export function openTrace({ logfile, verbosity, modules, maxBytes, maxFiles, traceFolder }: TracingOptions, service: 'graph' | 'ews'): OpenTrace {
  const statements = traceFolder === undefined ? undefined : written(`The TraceFolder '${traceFolder}'`, () => new StatementTraces(traceFolder, service));
  const sink = logfile === undefined ? undefined : written(`The Logfile '${logfile}'`, () => logFile(logfile, { maxBytes, maxFiles }));
  const trace = new Trace(sink === undefined ? 0 : verbosity, sink ?? (() => undefined), { modules, statements });
  return { trace, statement: statements === undefined ? undefined : () => statements.statement() };
}

function written<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new ExchangeSqlError('CONNECTION_STRING', `${what} cannot be written${code}.`, { hint: 'Give a place in a folder that exists and that this program may write.', cause });
  }
}
