/** Starts a sandbox in a process of its own and reads its request log. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/**
 * @param {string[]} args options of `exchange-sql sandbox`
 * @returns {Promise<{ graphEndpoint: string, connectionString: string, adminEndpoint: string, stop(): Promise<void> }>}
 */
export async function startService(args) {
  const child = spawn(process.execPath, [cli, 'sandbox', '--json', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the sandbox ended with code ${code}`)));
  });
  return {
    ...JSON.parse(line),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Runs a contestant in a process of its own; it prints one JSON line. */
export async function run(script, environment) {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${script} ended with code ${code}`);
  return JSON.parse(text);
}

/** @returns {Promise<{ requests: number, bytes: number, rows: number }>} */
export async function logged(service, work) {
  await fetch(`${service.adminEndpoint}/log`, { method: 'DELETE' });
  const result = await work();
  const { entries } = await (await fetch(`${service.adminEndpoint}/log`)).json();
  const sum = (member) => entries.reduce((total, entry) => total + (entry[member] ?? 0), 0);
  return { result, requests: entries.length, bytes: sum('bytes'), rows: sum('rows'), entries };
}
