/**
 * The command line as users run it: compiled once from the sources as they are, each call a process of its own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'exchange-sql');

let built: Promise<string> | undefined;

/** Path of the compiled main.js. */
export function cliPath(): Promise<string> {
  return (built ??= build());
}

async function build(): Promise<string> {
  const directory = join(CACHE, fingerprint());
  const ready = join(directory, 'ready');
  const main = join(directory, 'dist', 'cli', 'main.js');
  mkdirSync(CACHE, { recursive: true });
  while (!existsSync(ready)) {
    // Test files run side by side; one of them compiles.
    let mine = true;
    try {
      mkdirSync(`${directory}.lock`);
    } catch {
      mine = false;
    }
    if (mine) {
      try {
        for (const old of readdirSync(CACHE)) {
          const path = join(CACHE, old);
          if (Date.now() - statSync(path).mtimeMs > 10 * 60_000) rmSync(path, { recursive: true, force: true });
        }
        const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--outDir', join(directory, 'dist')], { cwd: ROOT, encoding: 'utf8' });
        if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
        for (const name of ['schema', 'package.json']) if (!existsSync(join(directory, name))) symlinkSync(join(ROOT, name), join(directory, name));
        writeFileSync(ready, '');
      } finally {
        rmSync(`${directory}.lock`, { recursive: true, force: true });
      }
    } else {
      if (existsSync(`${directory}.lock`) && Date.now() - statSync(`${directory}.lock`).mtimeMs > 120_000) rmSync(`${directory}.lock`, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return main;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path}\0${String(mtimeMs)}\0${String(size)}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
  /** Called with the process, to send it signals. */
  readonly during?: (child: ChildProcess) => void;
}

/** Runs `exchange-sql …args` to its end. */
export async function cli(args: readonly string[], { env = {}, input, cwd, during }: CallOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [await cliPath(), ...args], { env: environment(env), cwd: cwd ?? ROOT, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input ?? '');
  during?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ stdout, stderr, code, signal });
    });
  });
}

/** Starts `exchange-sql …args` and leaves it running. */
export async function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  return spawn(process.execPath, [await cliPath(), ...args], { env: environment(env), cwd: ROOT, stdio: 'pipe' });
}

/** Without the connection and the colours of whoever runs the tests. */
export function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { EXCHANGE_SQL_CONNECTION: _connection, PAGER: _pager, LESS: _less, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', ...extra };
}
