/** Starts a sandbox in a process of its own, runs contestants in theirs, and reads the sandbox's request log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const cli = here('../dist/cli/main.js');

/**
 * A sandbox over https: the SDK sends no token over http.
 *
 * @param {string[]} args options of `exchange-sql sandbox`
 * @param {string} certificate file to write its certificate to, for NODE_EXTRA_CA_CERTS
 * @returns what `sandbox --json` prints, milliseconds until it was ready, `admin(path, method, body)` and `stop()`
 */
export async function startService(args, certificate) {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, 'sandbox', '--json', '--port', '0', '--https', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([text]) => text),
    exited.then(([code]) => Promise.reject(new Error(`the sandbox ended with code ${code}`))),
  ]);
  const service = JSON.parse(line);
  writeFileSync(certificate, service.certificate);
  const dispatcher = new Agent({ connect: { ca: service.certificate } });
  return {
    ...service,
    certificateFile: certificate,
    ready: performance.now() - started,
    admin: async (path, method = 'GET', body = undefined) => {
      const answer = await request(service.adminEndpoint + path, { method, dispatcher, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const json = await answer.body.json();
      if (answer.statusCode !== 200) throw new Error(`the sandbox refused ${method} ${path}: ${JSON.stringify(json)}`);
      return json;
    },
    stop: async () => {
      await dispatcher.destroy();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Runs a contestant in a process of its own, so that its CPU time and memory are its own; it prints one JSON line. */
export async function run(script, service, environment, flags = [], args = []) {
  const child = spawn(process.execPath, [...flags, here(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(service.certificateFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: service.certificateFile }), ...environment },
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script} ended with code ${code}`);
  return JSON.parse(text);
}

/** What `work` cost on the wire. Parts of a `$batch` are not requests of their own, but their rows count. */
export async function logged(service, work) {
  await service.admin('/log', 'DELETE');
  const result = await work();
  const { entries, dropped } = await service.admin('/log');
  if (dropped > 0) throw new Error('the request log is too short for this case');
  const calls = entries.filter((entry) => !entry.inBatch);
  const sum = (list, member) => list.reduce((total, entry) => total + entry[member], 0);
  return { result, requests: calls.length, bytes: sum(calls, 'bytes'), rows: sum(entries, 'rows'), batches: calls.filter(({ url }) => /\/\$batch/i.test(url)).length, calls };
}
