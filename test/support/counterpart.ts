/**
 * Tests against real counterparts (servers and clients of Debian packages): skipped loudly where they are not installed, a failure
 * under CI=true; servers on loopback and free ports, in a folder of their own, stopped by the process id that was started.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

export interface Needs {
  /** Programs on PATH (or in /usr/sbin). */
  readonly commands?: readonly string[];
  readonly files?: readonly string[];
  /** Servers that change their user, or name spaces. */
  readonly root?: boolean;
  /** What to install, for the message. */
  readonly packages: readonly string[];
}

/** Path of a program; undefined if it is not installed. */
export function which(command: string): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].map((folder) => join(folder, command)).find((path) => existsSync(path));
}

/** `describe` for tests that need a real counterpart. */
export function describeReal(name: string, needs: Needs, body: () => void): void {
  const missing = [
    ...(needs.commands ?? []).filter((command) => which(command) === undefined),
    ...(needs.files ?? []).filter((file) => !existsSync(file)),
    ...(needs.root === true && process.getuid?.() !== 0 ? ['root'] : []),
  ];
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env['CI'] === 'true') {
    test(name, () => {
      throw new Error(`Not run: ${missing.join(', ')} missing. In CI nothing is skipped: .ci/run has to install ${needs.packages.join(' ')}.`);
    });
  } else {
    process.stderr.write(`\nNOT RUN: ${name}: ${missing.join(', ')} missing (Debian: ${needs.packages.join(' ')})\n`);
    describe.skip(name, body);
  }
}

/** A port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A folder that `remove` takes away; readable by the users servers change to. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'exchange-sql-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface RunningServer {
  readonly pid: number;
  /** What it has printed. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a server in the foreground and waits until it takes connections at `port` (of `host`, by default this machine). */
export async function startServer(command: string, args: readonly string[], port: number, options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly waitMs?: number; readonly host?: string } = {}): Promise<RunningServer> {
  const child: ChildProcess = spawn(which(command) ?? command, args, { env: { ...process.env, ...options.env }, ...(options.cwd === undefined ? {} : { cwd: options.cwd }), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', (error) => {
      output += String(error);
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  };
  const deadline = Date.now() + (options.waitMs ?? 15_000);
  while (!(await answers(port, options.host))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} does not answer at port ${String(port)}: ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { pid: child.pid ?? 0, output: () => output, stop };
}

function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Runs a program to its end. @throws Error with what it printed. */
export function run(command: string, args: readonly string[], options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string; readonly cwd?: string } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(which(command) ?? command, args, { env: { ...process.env, ...options.env }, encoding: 'utf8', ...(options.input === undefined ? {} : { input: options.input }), ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}
