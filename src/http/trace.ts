/**
 * Owns: the trace of what is sent and received, by level.
 * Does not own: where the lines go (the sink) or which level a user asked for.
 * Invariants: every line passes the redactor; no level shows an authorization, a token or a secret; bodies only at level 5.
 */
import { createWriteStream, openSync } from 'node:fs';
import { isSecretHeader, Redactor } from './redact.js';

/**
 * 0: nothing. 1: retries, throttling, failures. 2: each request with status, bytes and milliseconds. 3: headers.
 * 4: waiting in the governor, tokens fetched (never their text). 5: bodies.
 */
export type TraceLevel = 0 | 1 | 2 | 3 | 4 | 5;
export type TraceSink = (line: string) => void;

const BODY_CEILING = 64 * 1024;

export class Trace {
  readonly redactor: Redactor;
  readonly #level: TraceLevel;
  readonly #sink: TraceSink;

  constructor(level: TraceLevel, sink: TraceSink, redactor = new Redactor()) {
    this.#level = level;
    this.#sink = sink;
    this.redactor = redactor;
  }

  /** A trace that writes nothing, but still knows secrets for error messages. */
  static off(): Trace {
    return new Trace(0, () => undefined);
  }

  /** True if lines of this level are written. Ask before building a costly line. */
  on(level: TraceLevel): boolean {
    return level <= this.#level && level > 0;
  }

  write(level: TraceLevel, text: string): void {
    if (this.on(level)) this.#sink(`${new Date().toISOString()} ${this.redactor.redact(text)}`);
  }

  headers(direction: '>' | '<', headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    if (!this.on(3)) return;
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) continue;
      const text = typeof value === 'string' ? value : value.join(', ');
      this.write(3, `${direction} ${name}: ${isSecretHeader(name) ? '***' : text}`);
    }
  }

  body(direction: '>' | '<', body: string): void {
    if (!this.on(5) || body === '') return;
    // Redacted before it is cut: a cut token would no longer be recognised.
    const text = this.redactor.redact(body);
    this.#sink(`${new Date().toISOString()} ${direction} ${text.length > BODY_CEILING ? `${text.slice(0, BODY_CEILING)}…` : text}`);
  }
}

/**
 * A sink that appends lines to a file (created with access for its owner only). Later errors of the disk end the trace, not the statement.
 *
 * @throws what the file system says if the file cannot be opened.
 */
export function fileSink(path: string): TraceSink {
  const stream = createWriteStream(path, { fd: openSync(path, 'a', 0o600) });
  let broken = false;
  stream.on('error', () => {
    broken = true;
  });
  return (line) => {
    if (!broken) stream.write(`${line}\n`);
  };
}
