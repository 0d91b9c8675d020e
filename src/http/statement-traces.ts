/**
 * Owns: a trace file of the service and one of signing in for each statement (TraceFolder).
 * Does not own: what is written (trace.ts, which has removed the secrets).
 * Invariants: a line belongs to the statement whose work wrote it, also where statements run side by side; files are for their owner
 * only; an error of the disk ends the trace of that statement, not the statement.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export type StatementRun = <T>(work: () => T) => T;

interface Files {
  readonly prefix: string;
  broken: boolean;
}

let statements = 0;

export class StatementTraces {
  readonly #folder: string;
  readonly #service: string;
  readonly #current = new AsyncLocalStorage<Files>();

  /** @param service part of the file's name: `graph` or `ews`. @throws what the file system says if there is no such folder and none can be made. */
  constructor(folder: string, service: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#service = service;
  }

  /** Runs pieces of one statement's work. The files are made when there is something to write. */
  statement(): StatementRun {
    const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('.', '-');
    const files: Files = { prefix: join(this.#folder, `${stamp}-${String(process.pid)}-${String(++statements).padStart(4, '0')}`), broken: false };
    return (work) => this.#current.run(files, work);
  }

  get active(): boolean {
    return this.#current.getStore()?.broken === false;
  }

  write(module: string, line: string): void {
    const files = this.#current.getStore();
    if (files === undefined || files.broken) return;
    try {
      appendFileSync(`${files.prefix}-${module === 'AUTH' ? 'oauth' : this.#service}.log`, `${line}\n`, { mode: 0o600 });
    } catch {
      files.broken = true;
    }
  }
}
