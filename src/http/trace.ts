/**
 * Owns: the trace of what is sent and received, by level.
 * Does not own: where the lines go (the sink) or which level a user asked for.
 * Invariants: every line passes the redactor; no level shows an authorization, a token or a secret; bodies only at level 5.
 */
import { isSecretHeader, Redactor } from './redact.js';
import type { StatementTraces } from './statement-traces.js';

/**
 * 0: nothing. 1: retries, throttling, failures. 2: each request with status, bytes and milliseconds. 3: headers.
 * 4: waiting in the governor, tokens fetched (never their text). 5: bodies.
 */
export type TraceLevel = 0 | 1 | 2 | 3 | 4 | 5;
export type TraceSink = (line: string) => void;

/** HTTP: requests to the service. AUTH: those of signing in, and the life of tokens. WAIT: waiting, throttling, repeating. */
export const TRACE_MODULES = ['HTTP', 'AUTH', 'WAIT'] as const;
export type TraceModule = (typeof TRACE_MODULES)[number];

export interface TraceOptions {
  /** Modules written; default all. */
  readonly modules?: ReadonlySet<TraceModule> | undefined;
  /** Files of single statements, which get everything. */
  readonly statements?: StatementTraces | undefined;
}

const BODY_CEILING = 64 * 1024;

export class Trace {
  readonly redactor: Redactor;
  readonly #level: TraceLevel;
  readonly #sink: TraceSink;
  readonly #modules: ReadonlySet<TraceModule> | undefined;
  readonly #statements: StatementTraces | undefined;

  constructor(level: TraceLevel, sink: TraceSink, { modules, statements }: TraceOptions = {}) {
    this.#level = level;
    this.#sink = sink;
    this.#modules = modules;
    this.#statements = statements;
    this.redactor = new Redactor();
  }

  /** A trace that writes nothing, but still knows secrets for error messages. */
  static off(): Trace {
    return new Trace(0, () => undefined);
  }

  /** True if lines of this level are written. Ask before building a costly line. */
  on(level: TraceLevel, module: TraceModule = 'HTTP'): boolean {
    return this.#logs(level, module) || this.#statements?.active === true;
  }

  write(level: TraceLevel, text: string, module: TraceModule = 'HTTP'): void {
    if (this.on(level, module)) this.#put(level, this.redactor.redact(text), module);
  }

  headers(direction: '>' | '<', headers: Readonly<Record<string, string | readonly string[] | undefined>>, module: TraceModule = 'HTTP'): void {
    if (!this.on(3, module)) return;
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) continue;
      const text = typeof value === 'string' ? value : value.join(', ');
      this.write(3, `${direction} ${name}: ${isSecretHeader(name) ? '***' : text}`, module);
    }
  }

  body(direction: '>' | '<', body: string, module: TraceModule = 'HTTP'): void {
    if (!this.on(5, module) || body === '') return;
    // Redacted before it is cut: a cut token would no longer be recognised.
    const text = this.redactor.redact(body);
    this.#put(5, `${direction} ${text.length > BODY_CEILING ? `${text.slice(0, BODY_CEILING)}…` : text}`, module);
  }

  #logs(level: TraceLevel, module: TraceModule): boolean {
    return level <= this.#level && level > 0 && (this.#modules?.has(module) ?? true);
  }

  #put(level: TraceLevel, text: string, module: TraceModule): void {
    const line = `${new Date().toISOString()} ${module} ${text}`;
    if (this.#logs(level, module)) this.#sink(line);
    this.#statements?.write(module, line);
  }
}
