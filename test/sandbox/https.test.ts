import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/index.js';
import { startSandbox } from '../../src/sandbox/index.js';

test('over https the connection string names the certificate file, and works; without it the certificate is not trusted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exchange sql "quoted" '));
  try {
    const certificateFile = join(folder, 'sandbox.pem');
    await using sandbox = await startSandbox({ messages: 10, https: true, certificateFile });
    expect(readFileSync(certificateFile, 'utf8')).toBe(sandbox.certificate);
    await using trusting = await connect(sandbox.connectionString);
    expect((await trusting.query('SELECT count(*) > 0 AS some FROM Messages')).rows).toEqual([{ some: 1 }]);
    await using other = await connect(sandbox.connectionString.replace(/;SSLServerCert=.*/, ''));
    await expect(other.query('SELECT count(*) FROM Messages')).rejects.toMatchObject({ code: 'UNREACHABLE', hint: expect.stringContaining('SSLServerCert') as string });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
