import type { IncomingMessage } from 'node:http';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/index.js';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '../../../src/http/certificate.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { failureOf, json, serve, type TestServer } from '../../http/server.js';

let own: SelfSignedCertificate;
let other: SelfSignedCertificate;
beforeAll(async () => {
  own = await createSelfSignedCertificate(['localhost', '127.0.0.1']);
  // Its key and name are the client's in one test.
  other = await createSelfSignedCertificate(['elsewhere.example']);
});

const der = (pem: string): Buffer => new X509Certificate(pem).raw;
const secureServer = (options: ServerOptions = own): Promise<TestServer> => serve((_, response) => json(response, {}), createTlsServer(options));
const at = (server: TestServer): string => `https://127.0.0.1:${String(server.port)}`;

function transportOf(server: TestServer | string, properties: PropertyBag): HttpTransport {
  const { network } = resolveOptions({ OAuthAccessToken: 'token', GraphEndpoint: typeof server === 'string' ? server : at(server), ...properties });
  const http = new HttpTransport(network.connect);
  onTestFinished(() => http.close());
  return http;
}

const ask = (http: HttpTransport, server: TestServer): Promise<number> => http.request({ method: 'POST', url: `${at(server)}/x`, headers: { authorization: 'Bearer canary' }, body: 'secret' }).then(({ status }) => status);

function file(content: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'transport-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'x'), content);
  return join(folder, 'x');
}

const FORMS: readonly (readonly [string, (certificate: SelfSignedCertificate) => string])[] = [
  ['PEM', ({ cert }) => cert],
  ['PEM on one line', ({ cert }) => cert.replaceAll('\n', '\\n')],
  ['a PEM file', ({ cert }) => file(cert)],
  ['a DER file', ({ cert }) => file(der(cert))],
  ['base64', ({ cert }) => der(cert).toString('base64')],
  ['a public key', ({ cert }) => new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ['a public key in base64', ({ cert }) => new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
  ['SHA-256 with colons', ({ cert }) => new X509Certificate(cert).fingerprint256],
  ['SHA-1', ({ cert }) => new X509Certificate(cert).fingerprint.replaceAll(':', '').toLowerCase()],
  ['MD5, named', ({ cert }) => `md5:${createHash('md5').update(der(cert)).digest('hex')}`],
];

describe('SSLServerCert', () => {
  it.each(FORMS)('as %s accepts that certificate; of another server, nothing is sent', async (_name, form) => {
    const [right, wrong] = [await secureServer(), await secureServer()];
    const http = transportOf(right, { SSLServerCert: form(own) });
    // Each request on a connection of its own: a resumed TLS session would have no certificate to compare.
    expect(await Promise.all([1, 2, 3].map(() => ask(http, right)))).toEqual([200, 200, 200]);
    await expect(ask(transportOf(wrong, { SSLServerCert: form(other) }), wrong)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('is not the one that SSLServerCert names; nothing was sent') as string,
      hint: expect.stringContaining(new X509Certificate(own.cert).fingerprint256) as string,
    });
    expect(wrong.seen).toEqual([]);
  });

  it('pins the service; another host is judged as ever', async () => {
    const [service, signIn] = [await secureServer(), await secureServer(other)];
    const pinned = transportOf(service, { SSLServerCert: new X509Certificate(own.cert).fingerprint256 });
    expect(await ask(pinned, service)).toBe(200);
    await expect(ask(pinned, signIn)).rejects.toMatchObject({ message: expect.stringContaining('is not trusted') as string });
    expect(signIn.seen).toEqual([]);
    const trusting = transportOf(service, { SSLServerCert: new X509Certificate(own.cert).fingerprint256, SSLCACert: own.cert });
    const third = await secureServer();
    expect(await ask(trusting, third)).toBe(200);
  });

  it('as * accepts any, with a warning', async () => {
    const server = await secureServer(other);
    expect(await ask(transportOf(server, { SSLServerCert: '*' }), server)).toBe(200);
    expect(resolveOptions({ OAuthAccessToken: 'token', SSLServerCert: '*' }).warnings).toMatchObject([{ code: 'INSECURE' }]);
  });
});

describe('SSLCACert', () => {
  it('is trusted besides the usual authorities, as text or file; without it the server is not', async () => {
    const server = await secureServer();
    await expect(ask(transportOf(server, {}), server)).rejects.toMatchObject({ message: expect.stringContaining('is not trusted') as string });
    await expect(ask(transportOf(server, { SSLCACert: other.cert }), server)).rejects.toMatchObject({ message: expect.stringContaining('is not trusted') as string });
    expect(server.seen).toEqual([]);
    expect(await ask(transportOf(server, { SSLCACert: `${other.cert}${own.cert}` }), server)).toBe(200);
    expect(await ask(transportOf(server, { SSLCACert: file(own.cert) }), server)).toBe(200);
  });
});

describe('SSLMinVersion', () => {
  it('TLS1.3 refuses a server that speaks 1.2 only', async () => {
    const server = await secureServer({ ...own, maxVersion: 'TLSv1.2' });
    expect(await ask(transportOf(server, { SSLCACert: own.cert }), server)).toBe(200);
    await expect(ask(transportOf(server, { SSLCACert: own.cert, SSLMinVersion: 'TLS1.3' }), server)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('No TLS connection') as string });
    expect(server.seen).toHaveLength(1);
  });
});

describe('SSLClientCert', () => {
  it('is shown to a server that asks for one', async () => {
    const server = await secureServer({ ...own, requestCert: true, rejectUnauthorized: false });
    const shown: string[] = [];
    server.server.on('secureConnection', (socket: TLSSocket) => shown.push(socket.getPeerX509Certificate()?.fingerprint256 ?? ''));
    const pem = `${other.key}${other.cert}`;
    expect(await ask(transportOf(server, { SSLCACert: own.cert, SSLClientCert: pem, SSLClientCertType: 'PEMKEY_BLOB' }), server)).toBe(200);
    expect(await ask(transportOf(server, { SSLServerCert: own.cert, SSLClientCert: file(pem), SSLClientCertType: 'PEMKEY_FILE', SSLClientCertSubject: 'elsewhere' }), server)).toBe(200);
    expect(await ask(transportOf(server, { SSLCACert: own.cert }), server)).toBe(200);
    const fingerprint = new X509Certificate(other.cert).fingerprint256;
    expect(shown).toEqual([fingerprint, fingerprint, '']);
  });
});

describe('ProxySSLType', () => {
  /** A proxy behind TLS, of its own certificate. */
  async function secureProxy(): Promise<{ readonly port: number; readonly asked: string[] }> {
    const asked: string[] = [];
    const proxy = createTlsServer(other);
    proxy.on('connect', (request: IncomingMessage, client: Duplex) => {
      asked.push(`${request.url ?? ''} ${String(request.headers['proxy-authorization'])}`);
      const [host, port] = (request.url ?? '').split(':');
      const target = connectTcp(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    return { port: (proxy.address() as AddressInfo).port, asked };
  }

  it('ALWAYS speaks TLS to the proxy, and checks its certificate against the authorities', async () => {
    other = await createSelfSignedCertificate(['127.0.0.1']);
    const [server, proxy] = [await secureServer(), await secureProxy()];
    const way = { ProxyServer: '127.0.0.1', ProxyPort: proxy.port, ProxySSLType: 'ALWAYS', ProxyUser: 'ann', ProxyPassword: 'secret1', SSLServerCert: own.cert };
    expect(await ask(transportOf(server, { ...way, SSLCACert: other.cert }), server)).toBe(200);
    expect(proxy.asked).toEqual([`127.0.0.1:${String(server.port)} Basic ${Buffer.from('ann:secret1').toString('base64')}`]);
    await expect(ask(transportOf(server, way), server)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('The proxy 127.0.0.1') as string });
    await expect(ask(transportOf(server, { ...way, ProxySSLType: 'NEVER' }), server)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(proxy.asked).toHaveLength(1);
    expect(server.seen).toHaveLength(1);
  });
});

describe('keep-alive', () => {
  it('a pinned connection is used again', async () => {
    const server = await secureServer();
    let sockets = 0;
    server.server.on('secureConnection', () => (sockets += 1));
    const http = transportOf(server, { SSLServerCert: own.cert });
    for (let n = 0; n < 10; n += 1) expect(await ask(http, server)).toBe(200);
    expect(sockets).toBeLessThanOrEqual(2);
  });
});

describe('CustomHeaders', () => {
  it('go to the service with each request, and are no part of what is shown', async () => {
    const server = await serve((_, response) => json(response, { value: [] }));
    await using connection = await connect({ OAuthAccessToken: 'token', GraphEndpoint: `${server.origin}/v1.0`, CustomHeaders: 'X-Gateway: one\\nX-Key:  hunter2 ' });
    await connection.query('SELECT id FROM Contacts');
    expect(server.seen[0]!.headers).toMatchObject({ 'x-gateway': 'one', 'x-key': 'hunter2', authorization: 'Bearer token' });
    expect((await connection.query("SELECT Value FROM sys_connection_props WHERE Name = 'CustomHeaders'")).rows).toEqual([{ Value: expect.stringMatching(/^\*+$/) as string }]);
  });
});

describe('contradictions and mistakes', () => {
  it.each<[PropertyBag, RegExp]>([
    [{ SSLServerCert: 'hunter2hunter2' }, /SSLServerCert names cannot be read \(ENOENT\)/],
    [{ SSLServerCert: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----' }, /certificate in SSLServerCert cannot be read/],
    [{ SSLCACert: '/no/such/file' }, /SSLCACert names cannot be read/],
    [{ SSLMinVersion: 'TLS1.0' }, /SSLMinVersion has no value/],
    [{ SSLClientCertPassword: 'hunter2' }, /SSLClientCertPassword is given without SSLClientCert/],
    [{ SSLClientCert: '/no/such.pfx', SSLClientCertPassword: 'hunter2' }, /The file that SSLClientCert names cannot be read/],
    [{ SSLClientCert: 'x', SSLClientCertType: 'PPKFILE' }, /SSLClientCertType has no value/],
    [{ FirewallServer: 'x' }, /FirewallServer is given without FirewallType/],
    [{ FirewallType: 'SOCKS5' }, /needs FirewallServer/],
    [{ FirewallType: 'SOCKS5', FirewallServer: 'http://x' }, /FirewallServer is not a host/],
    [{ FirewallType: 'SOCKS5', FirewallServer: 'x', FirewallPort: 70000 }, /FirewallPort must be/],
    [{ FirewallType: 'SOCKS4', FirewallServer: 'x', FirewallUser: 'a', FirewallPassword: 'hunter2' }, /SOCKS4 has no passwords/],
    [{ FirewallType: 'SOCKS5', FirewallServer: 'x', FirewallPassword: 'hunter2' }, /FirewallPassword is given without FirewallUser/],
    [{ FirewallType: 'TUNNEL', FirewallServer: 'x', ProxyServer: 'y' }, /two ways/],
    [{ FirewallType: 'TUNNEL', FirewallServer: 'x', ProxyAutoDetect: true }, /contradicts ProxyAutoDetect/],
    [{ ProxyServer: 'x', ProxyAutoDetect: true }, /contradicts ProxyAutoDetect/],
    [{ ProxyServer: 'ftp://x' }, /not a host, nor an http/],
    [{ ProxyServer: 'http://ann:hunter2@x' }, /must not hold a user name or a password/],
    [{ ProxyServer: 'x:3128', ProxyPort: 8080 }, /another port than ProxyPort/],
    [{ ProxyServer: 'https://x', ProxySSLType: 'NEVER' }, /contradicts the https/],
    [{ ProxyServer: 'x', ProxyPassword: 'hunter2' }, /ProxyPassword is given without ProxyUser/],
    [{ ProxyServer: 'x', ProxyUser: 'a', ProxyAuthScheme: 'NONE' }, /ProxyUser contradicts it/],
    [{ ProxyServer: 'x', ProxyAuthScheme: 'NTLM' }, /needs ProxyUser and ProxyPassword/],
    [{ ProxyUser: 'a' }, /ProxyUser is given without ProxyServer/],
    [{ ProxyExceptions: 'a' }, /ProxyExceptions is given without ProxyServer/],
    [{ ProxyPort: 8080 }, /ProxyPort is given without ProxyServer/],
    [{ CustomHeaders: 'Authorization: Basic hunter2' }, /must not set Authorization/],
    [{ CustomHeaders: 'hunter2' }, /is not a header/],
    [{ CustomHeaders: 'A: 1\nA: 2' }, /sets A twice/],
    [{ CustomHeaders: 'A: hünter2' }, /characters that HTTP does not carry/],
  ])('%j', async (properties, message) => {
    const error = await failureOf(Promise.resolve().then(() => resolveOptions({ OAuthAccessToken: 'token', ...properties })));
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).toMatch(message);
    expect(`${error.message}${String(error['hint'])}`).not.toMatch(/h[uü]nter2/);
  });

  it('Kerberos where nothing uses it is told of', () => {
    expect(resolveOptions({ OAuthAccessToken: 'token', KerberosRealm: 'CORP.TEST' }).warnings).toEqual([{ code: 'PROPERTY_IGNORED', message: 'KerberosRealm does nothing with Schema=MSGraph, except for ProxyAuthScheme=NEGOTIATE.' }]);
    expect(resolveOptions({ OAuthAccessToken: 'token', KerberosRealm: 'CORP.TEST', ProxyServer: 'x', ProxyAuthScheme: 'NEGOTIATE' }).warnings).toEqual([]);
  });

  it('ProxyAuthScheme=PROPRIETARY is refused', async () => {
    expect(await failureOf(Promise.resolve().then(() => resolveOptions({ OAuthAccessToken: 'token', ProxyServer: 'x', ProxyAuthScheme: 'PROPRIETARY' })))).toMatchObject({ code: 'NOT_SUPPORTED' });
  });

  it('defaults are no contradiction', () => {
    expect(resolveOptions({ OAuthAccessToken: 'token', FirewallType: 'NONE', FirewallPort: 0, ProxyAutoDetect: false, ProxyPort: 80, ProxyAuthScheme: 'BASIC', ProxySSLType: 'AUTO', SSLClientCertSubject: '*', SSLClientCertType: 'PFXFILE' }).network.connect.proxy).toBeUndefined();
  });
});

describe('where a proxy is', () => {
  const url = new URL('https://graph.microsoft.com/');
  it.each<[PropertyBag, object]>([
    [{ ProxyServer: 'proxy.example' }, { kind: 'http', host: 'proxy.example', port: 80, tls: false, tunnelAlways: false }],
    [{ ProxyServer: 'proxy.example', ProxyPort: 3128, ProxySSLType: 'ALWAYS' }, { port: 3128, tls: true }],
    [{ ProxyServer: 'http://[::1]:3128' }, { host: '::1', port: 3128, tls: false }],
    [{ ProxyServer: 'http://proxy.example:80', ProxySSLType: 'NEVER' }, { port: 80, tls: false }],
    [{ ProxyServer: 'https://proxy.example' }, { port: 443, tls: true }],
    [{ ProxyServer: 'https://proxy.example:443', ProxyPort: 443 }, { port: 443, tls: true }],
    [{ ProxyServer: 'proxy.example', ProxyUser: 'CORP\\a', ProxyPassword: 'b', ProxyAuthScheme: 'ntlm' }, { tunnelAlways: true }],
    [{ FirewallType: 'tunnel', FirewallServer: 'proxy.example' }, { kind: 'http', port: 80, tunnelAlways: true }],
    [{ FirewallType: 'SOCKS4', FirewallServer: 'proxy.example' }, { kind: 'socks4', port: 1080 }],
  ])('%j', (properties, expected) => {
    expect(resolveOptions({ OAuthAccessToken: 'token', ...properties }).network.connect.proxy!(url)).toMatchObject(expected);
  });
});
