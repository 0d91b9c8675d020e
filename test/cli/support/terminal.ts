/**
 * A pseudo-terminal around a process, by python3's pty module: keys go in, what the screen was sent comes out.
 */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { cliPath, environment } from './cli.js';

export const HAS_TERMINAL = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0;
if (!HAS_TERMINAL) console.warn('python3 with its pty module is missing: tests of the terminal are SKIPPED');

const RELAY = String.raw`
import fcntl, os, pty, select, struct, sys, termios
rows, columns = int(sys.argv[1]), int(sys.argv[2])
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
inputs = [0, master]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            inputs = [master]
            continue
        os.write(master, data)
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

export interface TerminalOptions {
  readonly rows?: number;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** PATH of the process itself. */
  readonly path?: string;
  /** Shell words after the command, e.g. `>/dev/null`. */
  readonly redirect?: string;
}

export class Terminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #screen = '';
  #seen = 0;
  readonly #ended: Promise<number>;
  #over = false;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#screen += text));
    child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#over = true;
        resolve(code ?? -1);
      });
    });
  }

  static async start(args: readonly string[], { rows = 24, columns = 80, env = {}, path, redirect }: TerminalOptions = {}): Promise<Terminal> {
    const command = [...(path === undefined ? [] : ['env', `PATH=${path}`]), process.execPath, await cliPath(), ...args];
    const words = redirect === undefined ? command : ['sh', '-c', `"$@" ${redirect}`, 'sh', ...command];
    return new Terminal(spawn('python3', ['-c', RELAY, String(rows), String(columns), ...words], { stdio: ['pipe', 'pipe', 'inherit'], env: environment({ TERM: 'xterm', ...env }) }));
  }

  /** Everything the screen was sent. */
  get screen(): string {
    return this.#screen;
  }

  /** Types; each key is a key press of its own. */
  async type(keys: string): Promise<void> {
    for (const key of keys) {
      this.#child.stdin.write(key);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Waits until the screen was sent the text after what earlier waits saw; returns what came up to its end. */
  async until(text: string | RegExp, milliseconds = 40_000): Promise<string> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const fresh = this.#screen.slice(this.#seen);
      const match = typeof text === 'string' ? (fresh.includes(text) ? fresh.indexOf(text) + text.length : -1) : ((found) => (found === null ? -1 : found.index + found[0].length))(text.exec(fresh));
      if (match >= 0) {
        this.#seen += match;
        return fresh.slice(0, match);
      }
      if (this.#over || Date.now() > deadline) throw new Error(`${String(text)} did not appear; the screen has ${JSON.stringify(fresh.slice(-2000))}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Exit code; 128 + n after signal n. */
  ended(): Promise<number> {
    return this.#ended;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
