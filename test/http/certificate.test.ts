import { X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../src/http/certificate.js';

describe('createSelfSignedCertificate', () => {
  it('names hosts and addresses, and serves TLS that a client trusting it accepts', async () => {
    const { cert, key } = await createSelfSignedCertificate(['localhost', '127.0.0.1', '::1']);
    const parsed = new X509Certificate(cert);
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.checkIP('::1')).toBe('::1');
    expect(parsed.checkHost('other.example')).toBeUndefined();
    const server = createServer({ cert, key }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const fetch = (ca?: string): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          get({ host: '127.0.0.1', port, agent: false, ...(ca === undefined ? {} : { ca }) }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          }).on('error', reject);
        });
      expect(await fetch(cert)).toBe(200);
      await expect(fetch()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('refuses an empty list', async () => {
    await expect(createSelfSignedCertificate([])).rejects.toThrow(TypeError);
  });
});
