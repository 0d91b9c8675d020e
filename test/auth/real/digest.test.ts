/** Digest as lighttpd has it: SHA-256, and a choice of SHA-256 and MD5. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { digestHandshake } from '../../../src/auth/handshake/index.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { describeReal, freePort, startServer, temporaryFolder, type RunningServer } from '../../support/counterpart.js';

describeReal('Digest of lighttpd', { commands: ['lighttpd'], packages: ['lighttpd'] }, () => {
  const { path: folder, remove } = temporaryFolder();
  const good = { user: 'ann', password: 'pässwörd"1' };
  let server: RunningServer;
  let origin = '';

  beforeAll(async () => {
    const port = await freePort();
    const line = (algorithm: string): string => `ann:Exchange:${createHash(algorithm).update(`ann:Exchange:${good.password}`).digest('hex')}`;
    writeFileSync(join(folder, 'users'), `${line('sha256')}\n${line('md5')}\n`);
    for (const name of ['sha', 'both']) {
      mkdirSync(join(folder, 'web', name), { recursive: true });
      writeFileSync(join(folder, 'web', name, 'x.txt'), name);
    }
    const location = (name: string, algorithm: string): string => `"/${name}/" => ("method" => "digest", "realm" => "Exchange", "require" => "valid-user", "algorithm" => "${algorithm}")`;
    writeFileSync(join(folder, 'lighttpd.conf'), [
      'server.modules = ("mod_auth", "mod_authn_file")', `server.document-root = "${folder}/web"`, `server.port = ${String(port)}`, 'server.bind = "127.0.0.1"', 'mimetype.assign = (".txt" => "text/plain")',
      'auth.backend = "htdigest"', `auth.backend.htdigest.userfile = "${folder}/users"`, `auth.require = (${location('sha', 'SHA-256')}, ${location('both', 'MD5|SHA-256')})`, '',
    ].join('\n'));
    server = await startServer('lighttpd', ['-D', '-f', join(folder, 'lighttpd.conf')], port);
    origin = `http://127.0.0.1:${String(port)}`;
  });
  afterAll(async () => {
    await server?.stop();
    remove();
  });

  test.each(['sha', 'both'])('%s', async (name) => {
    const http = new HttpTransport();
    onTestFinished(() => http.close());
    const get = async (password: string): Promise<string> => {
      const handshake = digestHandshake({ ...good, password });
      const answers = await Promise.all([1, 2, 3].map(() => http.request({ method: 'GET', url: `${origin}/${name}/x.txt?a=b`, handshake })));
      return answers.map(({ status, body }) => `${String(status)} ${status === 200 ? body.toString('utf8') : ''}`.trim()).join();
    };
    expect(await get(good.password)).toBe(`200 ${name},200 ${name},200 ${name}`);
    expect(await get('wrong')).toBe('401,401,401');
  });
});
