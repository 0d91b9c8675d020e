/** Connection strings with proxies, against the proxies people have: each request is seen by the server, and by the proxy. */
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, connect as connectTcp, type Socket } from 'node:net';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { basicHandshake } from '../../../src/auth/handshake/index.js';
import { createSelfSignedCertificate } from '../../../src/http/certificate.js';
import { HttpTransport } from '../../../src/http/transport.js';
import { NEEDS as KERBEROS, PASSWORD, REALM, startKdc, USER, type Kdc } from '../../auth/real/directory.js';
import { describeReal, freePort, run, startServer, temporaryFolder, type RunningServer } from '../../support/counterpart.js';
import { json, serve, type TestServer } from '../server.js';

let certificate: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  certificate = await createSelfSignedCertificate(['localhost', '127.0.0.1']);
});

interface Targets {
  readonly plain: TestServer;
  readonly secure: TestServer;
}

async function targets(): Promise<Targets> {
  const answer = (_: unknown, response: Parameters<typeof json>[0]): void => json(response, { there: true });
  return { plain: await serve(answer), secure: await serve(answer, createTlsServer(certificate)) };
}

/** What a connection string with these properties has as its transport. */
function transportOf(properties: PropertyBag, connectTimeoutMs?: number): HttpTransport {
  const { network } = resolveOptions({ OAuthAccessToken: 'token', GraphEndpoint: 'https://127.0.0.1/v1.0', SSLServerCert: certificate.cert, ...properties });
  const http = new HttpTransport({ ...network.connect, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) });
  onTestFinished(() => http.close());
  return http;
}

const get = async (http: HttpTransport, server: TestServer, secure: boolean): Promise<number> => (await http.request({ method: 'GET', url: `${secure ? 'https' : 'http'}://127.0.0.1:${String(server.port)}/path?q=1`, headers: { authorization: 'Bearer canary' }, timeoutMs: 5000 })).status;

/** Both targets are reached, each request once, and nothing of the proxy's sign-in arrives there. */
async function reaches(properties: PropertyBag): Promise<void> {
  const { plain, secure } = await targets();
  const http = transportOf(properties);
  for (let n = 0; n < 3; n += 1) {
    expect(await get(http, secure, true)).toBe(200);
    expect(await get(http, plain, false)).toBe(200);
  }
  for (const { seen } of [plain, secure]) {
    expect(seen.map(({ url, headers }) => [url, headers.authorization, headers['proxy-authorization']])).toEqual(new Array(3).fill(['/path?q=1', 'Bearer canary', undefined]));
  }
}

async function refuses(properties: PropertyBag, message: RegExp, hint: RegExp): Promise<void> {
  const { plain, secure } = await targets();
  const http = transportOf(properties);
  const failure = { code: 'UNREACHABLE', message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string };
  await expect(get(http, secure, true)).rejects.toMatchObject(failure);
  await expect(get(http, plain, false)).rejects.toMatchObject(failure);
  expect([...plain.seen, ...secure.seen]).toEqual([]);
}

describeReal('tinyproxy', { commands: ['tinyproxy'], packages: ['tinyproxy'] }, () => {
  const folder = temporaryFolder();
  let port = 0;
  let open: RunningServer;
  let guarded: RunningServer;
  let guardedPort = 0;
  const start = async (name: string, lines: readonly string[]): Promise<{ readonly server: RunningServer; readonly port: number }> => {
    const at = await freePort();
    writeFileSync(join(folder.path, `${name}.conf`), [`Port ${String(at)}`, 'Listen 127.0.0.1', 'Timeout 30', 'LogLevel Info', `LogFile "${folder.path}/${name}.log"`, 'MaxClients 20', 'ViaProxyName "tiny"', ...lines, ''].join('\n'));
    return { server: await startServer('tinyproxy', ['-d', '-c', join(folder.path, `${name}.conf`)], at), port: at };
  };
  beforeAll(async () => {
    ({ server: open, port } = await start('open', []));
    ({ server: guarded, port: guardedPort } = await start('guarded', ['BasicAuth ann secret1']));
  });
  afterAll(async () => {
    await open.stop();
    await guarded.stop();
    folder.remove();
  });
  const log = (): string => readFileSync(join(folder.path, 'open.log'), 'utf8');

  test('without a user: a tunnel to https, forwarding to http', async () => {
    await reaches({ ProxyServer: '127.0.0.1', ProxyPort: port });
    expect(log()).toMatch(/CONNECT 127\.0\.0\.1:\d+/);
    expect(log()).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/path\?q=1/);
  });

  test('ProxySSLType=TUNNEL asks for a tunnel to http, too', async () => {
    const before = log().match(/CONNECT /g)?.length ?? 0;
    const { plain } = await targets();
    expect(await get(transportOf({ ProxyServer: `http://127.0.0.1:${String(port)}`, ProxySSLType: 'TUNNEL' }), plain, false)).toBe(200);
    expect(plain.seen[0]!.headers['via']).toBeUndefined();
    expect(log().match(/CONNECT /g)!.length).toBeGreaterThan(before);
  });

  test('a socket that is signed in at the server goes through a tunnel', async () => {
    const { plain } = await targets();
    const http = transportOf({ ProxyServer: '127.0.0.1', ProxyPort: port });
    const answer = await http.request({ method: 'POST', url: `${plain.origin}/ews`, body: 'x', handshake: basicHandshake({ user: 'ann', password: 'b' }) });
    expect(answer.status).toBe(200);
    expect(plain.seen[0]!.headers).toMatchObject({ authorization: 'Basic YW5uOmI=' });
    expect(plain.seen[0]!.headers['via']).toBeUndefined();
    expect(log()).toContain(`CONNECT 127.0.0.1:${String(plain.port)}`);
  });

  test('FirewallType=TUNNEL', async () => {
    await reaches({ FirewallType: 'TUNNEL', FirewallServer: '127.0.0.1', FirewallPort: port });
    await reaches({ FirewallType: 'TUNNEL', FirewallServer: '127.0.0.1', FirewallPort: guardedPort, FirewallUser: 'ann', FirewallPassword: 'secret1' });
  });

  test('Basic, a wrong password, no user', async () => {
    const guard = { ProxyServer: '127.0.0.1', ProxyPort: guardedPort };
    await reaches({ ...guard, ProxyUser: 'ann', ProxyPassword: 'secret1' });
    await refuses({ ...guard, ProxyAuthScheme: 'NONE' }, /asks for authentication \(407\)/, /ProxyUser/);
    // It calls a wrong password 401, which over plain http cannot be told from the server's.
    const { secure } = await targets();
    await expect(get(transportOf({ ...guard, ProxyUser: 'ann', ProxyPassword: 'wrong' }), secure, true)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('answered 401') as string, hint: expect.stringContaining('ProxyUser') as string });
    expect(secure.seen).toEqual([]);
  });

  test('ProxyExceptions are reached directly', async () => {
    const { secure } = await targets();
    const dead = { ProxyServer: '127.0.0.1', ProxyPort: await freePort() };
    expect(await get(transportOf({ ...dead, ProxyExceptions: 'x.example; 127.0.0.1' }), secure, true)).toBe(200);
    await expect(get(transportOf({ ...dead, ProxyExceptions: 'x.example' }), secure, true)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('The proxy 127.0.0.1') as string });
  });

  test('ProxyAutoDetect takes the environment, but not to this machine', async () => {
    const { secure } = await targets();
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${String(await freePort())}`);
    vi.stubEnv('NO_PROXY', 'direct.example');
    for (const name of ['https_proxy', 'no_proxy']) vi.stubEnv(name, undefined);
    expect(await get(transportOf({ ProxyAutoDetect: true }), secure, true)).toBe(200);
    const far = (host: string, properties: PropertyBag): Promise<unknown> => transportOf(properties).request({ method: 'GET', url: `https://${host}:1/`, timeoutMs: 5000 });
    await expect(far('contoso.invalid', { ProxyAutoDetect: true })).rejects.toMatchObject({ message: expect.stringContaining('The proxy 127.0.0.1') as string });
    await expect(far('sub.direct.example', { ProxyAutoDetect: true })).rejects.not.toMatchObject({ message: expect.stringContaining('The proxy') as string });
    await expect(far('contoso.invalid', {})).rejects.not.toMatchObject({ message: expect.stringContaining('The proxy') as string });
  });
});

describeReal('squid', { commands: ['squid', ...KERBEROS.commands], files: ['/usr/lib/squid/basic_ncsa_auth', '/usr/lib/squid/digest_file_auth', '/usr/lib/squid/negotiate_kerberos_auth'], root: true, packages: ['squid', ...KERBEROS.packages] }, () => {
  const folder = temporaryFolder();
  const started: RunningServer[] = [];
  const ports: Record<string, number> = {};
  let kdc: Kdc;
  const proxyHost = 'proxy.corp.test';

  const start = async (name: string, scheme: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> => {
    const port = await freePort();
    const config = join(folder.path, `${name}.conf`);
    writeFileSync(config, [
      `http_port 127.0.0.1:${String(port)}`, `pid_filename ${folder.path}/${name}.pid`, `access_log none`, `cache_log ${folder.path}/${name}.log`, 'cache deny all', 'shutdown_lifetime 0 seconds', 'visible_hostname squid', 'max_filedescriptors 256',
      ...scheme, 'acl known proxy_auth REQUIRED', 'http_access allow known', 'http_access deny all', 'forwarded_for delete', '',
    ].join('\n'));
    // Several of one machine must not share their memory segments.
    started.push(await startServer('squid', ['-n', `es${name}${String(process.pid)}`, '-N', '-f', config], port, { env }));
    ports[name] = port;
  };

  beforeAll(async () => {
    chmodSync(folder.path, 0o777);
    kdc = await startKdc();
    run('kadmin.local', ['-r', REALM], { env: kdc.env, input: `addprinc -randkey HTTP/127.0.0.1\nktadd -k ${folder.path}/proxy.keytab HTTP/127.0.0.1\naddprinc -randkey HTTP/${proxyHost}\n` });
    chmodSync(join(folder.path, 'proxy.keytab'), 0o644);
    const file = (name: string, text: string): string => {
      const path = join(folder.path, name);
      writeFileSync(path, text);
      chmodSync(path, 0o644);
      return path;
    };
    const basic = file('basic.pw', run('htpasswd', ['-nbm', USER, PASSWORD]));
    const digest = file('digest.pw', `${USER}:squid:${createHash('md5').update(`${USER}:squid:${PASSWORD}`).digest('hex')}\n`);
    await start('basic', [`auth_param basic program /usr/lib/squid/basic_ncsa_auth ${basic}`, 'auth_param basic children 1', 'auth_param basic realm squid']);
    await start('digest', [`auth_param digest program /usr/lib/squid/digest_file_auth -c ${digest}`, 'auth_param digest children 1', 'auth_param digest realm squid']);
    await start('negotiate', [`auth_param negotiate program /usr/lib/squid/negotiate_kerberos_auth -k ${folder.path}/proxy.keytab -s GSS_C_NO_NAME`, 'auth_param negotiate children 1'], kdc.env);
    chownSync(folder.path, 0, 0);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(started.map((server) => server.stop()));
    await kdc?.stop();
    folder.remove();
  });

  const at = (name: string): PropertyBag => ({ ProxyServer: '127.0.0.1', ProxyPort: ports[name], ProxyAuthScheme: name });

  test.each(['basic', 'digest'])('%s', async (name) => {
    await reaches({ ...at(name), ProxyUser: USER, ProxyPassword: PASSWORD });
    await refuses({ ...at(name), ProxyUser: USER, ProxyPassword: 'wrong' }, /refused user name and password \(407\)/, /ProxyAuthScheme/);
  });

  test('negotiate, with a ticket and with a password', async () => {
    const realm = { KerberosKDC: `127.0.0.1:${String(kdc.port)}`, KerberosRealm: REALM };
    await reaches({ ...at('negotiate'), ...realm, KerberosTicketCache: `FILE:${kdc.ticketCache}` });
    await reaches({ ...at('negotiate'), ...realm, ProxyUser: USER, ProxyPassword: PASSWORD });
    const { secure } = await targets();
    await expect(get(transportOf({ ...at('negotiate'), ...realm, ProxyUser: USER, ProxyPassword: 'wrong' }), secure, true)).rejects.toMatchObject({ code: 'AUTHENTICATION', hint: expect.stringContaining('Password') as string });
    expect(secure.seen).toEqual([]);
  });

  test('a scheme that the proxy does not offer is named', async () => {
    const { secure } = await targets();
    await expect(get(transportOf({ ...at('basic'), ProxyAuthScheme: 'NTLM', ProxyUser: USER, ProxyPassword: PASSWORD }), secure, true)).rejects.toMatchObject({ message: expect.stringContaining('does not offer NTLM') as string, hint: expect.stringContaining('Basic') as string });
  });
});

describeReal('microsocks', { commands: ['microsocks'], packages: ['microsocks'] }, () => {
  let [open, guarded]: [RunningServer | undefined, RunningServer | undefined] = [undefined, undefined];
  let [port, guardedPort] = [0, 0];
  beforeAll(async () => {
    [port, guardedPort] = [await freePort(), await freePort()];
    open = await startServer('microsocks', ['-i', '127.0.0.1', '-p', String(port)], port);
    guarded = await startServer('microsocks', ['-i', '127.0.0.1', '-p', String(guardedPort), '-u', 'ann', '-P', 'secret1'], guardedPort);
  });
  afterAll(async () => {
    await open?.stop();
    await guarded?.stop();
  });

  test('SOCKS5, without and with a user', async () => {
    await reaches({ FirewallType: 'SOCKS5', FirewallServer: '127.0.0.1', FirewallPort: port });
    await reaches({ FirewallType: 'SOCKS5', FirewallServer: 'localhost', FirewallPort: guardedPort, FirewallUser: 'ann', FirewallPassword: 'secret1' });
  });

  test('a wrong password, and none', async () => {
    const guard = { FirewallType: 'SOCKS5', FirewallServer: '127.0.0.1', FirewallPort: guardedPort };
    await refuses({ ...guard, FirewallUser: 'ann', FirewallPassword: 'wrong' }, /user name or password is wrong/, /FirewallUser/);
    await refuses(guard, /way of signing in|asks for/, /FirewallUser/);
  });
});

describe('SOCKS4', () => {
  /** RFC-less, but short: SOCKS4 and 4a. Names the user and host it was asked for. */
  async function socks4Server(): Promise<{ readonly port: number; readonly asked: string[] }> {
    const asked: string[] = [];
    const server = createTcpServer((socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data: Buffer) => {
        const [user = '', name = ''] = data.subarray(8).toString('utf8').split('\0');
        const address = [...data.subarray(4, 8)].join('.');
        const host = address.startsWith('0.0.0.') ? name : address;
        asked.push(`${user}@${host}`);
        if (data[0] !== 4 || user !== 'ann') return socket.end(Buffer.from([0, 0x5d, 0, 0, 0, 0, 0, 0]));
        const inner = connectTcp({ port: data.readUInt16BE(2), host }, () => {
          socket.write(Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]));
          socket.pipe(inner).pipe(socket);
        });
        inner.on('error', () => socket.destroy());
        return undefined;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { port: (server.address() as { port: number }).port, asked };
  }

  test('leads to both, and names go to the proxy as they are', async () => {
    const { port, asked } = await socks4Server();
    const properties = { FirewallType: 'SOCKS4', FirewallServer: '127.0.0.1', FirewallPort: port, FirewallUser: 'ann' };
    await reaches(properties);
    expect(new Set(asked)).toEqual(new Set(['ann@127.0.0.1']));
    const { secure } = await targets();
    await transportOf(properties).request({ method: 'GET', url: `https://localhost:${String(secure.port)}/` }).catch(() => undefined);
    expect(asked.at(-1)).toBe('ann@localhost');
    await refuses({ ...properties, FirewallUser: 'bob' }, /identd names another user/, /FirewallUser/);
  });
});

describe('a proxy that never answers', () => {
  test('ends at the exact timeout, and at the time for connecting', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const { secure } = await targets();
    const took = async (http: HttpTransport, timeoutMs: number): Promise<readonly [number, unknown]> => {
      const started = performance.now();
      const error: unknown = await http.request({ method: 'GET', url: `https://127.0.0.1:${String(secure.port)}/`, timeoutMs }).catch((failure: unknown) => failure);
      return [performance.now() - started, error];
    };
    for (const way of [{ ProxyServer: '127.0.0.1', ProxyPort: port }, { FirewallType: 'SOCKS5', FirewallServer: '127.0.0.1', FirewallPort: port }]) {
      const [exact, timeout] = await took(transportOf(way), 150);
      expect(timeout).toMatchObject({ code: 'TIMEOUT' });
      expect(exact).toBeGreaterThan(140);
      expect(exact).toBeLessThan(400);
      const [late, connecting] = await took(transportOf(way, 150), 0);
      expect(connecting).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('proxy') as string });
      expect(late).toBeLessThan(400);
    }
  });
});
