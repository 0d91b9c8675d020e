/**
 * Owns: sending output that is longer than the screen through a pager ($PAGER, or less).
 * Invariants: short output stays on the screen; where there is no pager everything is printed; leaving the pager ends the
 * output, and so the statement.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';

type Screen = NodeJS.WriteStream;

/** Runs `write` with a stream that becomes a pager when it gets longer than the screen. */
export async function throughPager(screen: Screen, write: (out: Writable) => Promise<void>): Promise<void> {
  const output = new PagedOutput(screen);
  try {
    await write(output);
  } catch (error) {
    if (!output.left) throw error;
  } finally {
    await output.finish();
  }
}

class PagedOutput extends Writable {
  readonly #screen: Screen;
  #held: string[] = [];
  #lines = 0;
  #target: 'screen' | ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  /** The user left the pager before the end. */
  left = false;

  constructor(screen: Screen) {
    super({ decodeStrings: false });
    this.#screen = screen;
  }

  /** As of a terminal: formats fit rows to it. */
  get columns(): number {
    return this.#screen.columns;
  }

  get isTTY(): true {
    return true;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const text = chunk.toString();
    if (this.#target === undefined) {
      this.#held.push(text);
      this.#lines += this.#heightOf(text);
      if (this.#lines < this.#screen.rows) {
        done();
        return;
      }
      void this.#open().then(() => {
        this.#send(this.#take(), done);
      });
      return;
    }
    this.#send(text, done);
  }

  #heightOf(text: string): number {
    return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / Math.max(1, this.columns))), -1);
  }

  #take(): string {
    const text = this.#held.join('');
    this.#held = [];
    return text;
  }

  #send(text: string, done: (error?: Error | null) => void): void {
    if (this.#target === 'screen' || this.#target === undefined) {
      this.#screen.write(text, done);
      return;
    }
    if (this.left) {
      done();
      return;
    }
    // A pager that was left closes its end of the pipe; that is no error of the statement.
    this.#target.stdin?.write(text, () => {
      done();
    });
  }

  async #open(): Promise<void> {
    const own = process.env['PAGER'];
    const child = own === undefined || own.trim() === ''
      ? spawn('less', ['-FRX'], { stdio: ['pipe', 'inherit', 'inherit'] })
      : spawn(own, { stdio: ['pipe', 'inherit', 'inherit'], shell: true });
    child.stdin?.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once('error', () => {
        resolve();
      });
      child.once('close', () => {
        this.left = !this.writableEnded;
        if (this.left) this.destroy();
        resolve();
      });
    });
    const started = await new Promise<boolean>((resolve) => {
      child.once('spawn', () => {
        resolve(true);
      });
      child.once('error', () => {
        resolve(false);
      });
    });
    this.#target = started ? child : 'screen';
  }

  async finish(): Promise<void> {
    if (!this.destroyed) await new Promise<void>((resolve) => this.end(resolve));
    if (this.#target === undefined) this.#screen.write(this.#take());
    else if (this.#target !== 'screen') {
      this.#target.stdin?.end();
      await this.#ended;
    }
  }
}
