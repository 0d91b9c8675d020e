/**
 * Owns: the shell's history file: one line an entry, the last ones kept.
 * Invariants: readable by its owner only; a history that cannot be kept is no reason to fail.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export const HISTORY_LINES = 1000;

export class History {
  readonly #file: string;

  constructor(file = join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'exchange-sql', 'history')) {
    this.#file = file;
  }

  /** Newest first, as readline wants them. */
  read(): string[] {
    try {
      if (!existsSync(this.#file)) return [];
      const lines = readFileSync(this.#file, 'utf8').split('\n').filter((line) => line !== '');
      if (lines.length > 2 * HISTORY_LINES) writeFileSync(this.#file, `${lines.slice(-HISTORY_LINES).join('\n')}\n`, { mode: 0o600 });
      return lines.slice(-HISTORY_LINES).reverse();
    } catch {
      return [];
    }
  }

  /** At once, so that nothing is lost however the shell ends. */
  add(line: string): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    } catch {
      // see the invariant
    }
  }
}
