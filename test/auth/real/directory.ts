/**
 * A realm CORP.TEST with a user ann, and an Apache in front of a small EWS stub that signs in as Exchange's front end does: Basic,
 * Digest, NTLM, Kerberos, and Negotiate with both. All on loopback, in a folder of its own.
 */
import { appendFileSync, chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createSelfSignedCertificate } from '../../../src/http/certificate.js';
import { freePort, run, startServer, temporaryFolder, type RunningServer } from '../../support/counterpart.js';

export const USER = 'ann';
// No colon: gss-ntlmssp's user file cannot hold one.
export const PASSWORD = 'Ann.pässwörd"1';
export const DOMAIN = 'CORP';
export const REALM = 'CORP.TEST';
export const SERVICE_HOST = 'exch.corp.test';

export const NEEDS = {
  commands: ['apache2', 'htpasswd', 'krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit'],
  files: ['/usr/lib/apache2/modules/mod_auth_gssapi.so'],
  root: true,
  packages: ['apache2', 'apache2-utils', 'libapache2-mod-auth-gssapi', 'gss-ntlmssp', 'krb5-kdc', 'krb5-admin-server', 'krb5-user'],
} as const;

export interface Kdc {
  readonly folder: string;
  readonly port: number;
  readonly keytab: string;
  readonly userKeytab: string;
  readonly ticketCache: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startKdc(): Promise<Kdc> {
  const { path: folder, remove } = temporaryFolder();
  chmodSync(folder, 0o755);
  const port = await freePort();
  const env = { KRB5_CONFIG: join(folder, 'krb5.conf'), KRB5_KDC_PROFILE: join(folder, 'kdc.conf') };
  writeFileSync(env.KRB5_CONFIG, `[libdefaults]\n default_realm = ${REALM}\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n udp_preference_limit = 1\n[realms]\n ${REALM} = {\n  kdc = 127.0.0.1:${String(port)}\n }\n`);
  writeFileSync(env.KRB5_KDC_PROFILE, `[kdcdefaults]\n kdc_listen = 127.0.0.1:${String(port)}\n kdc_tcp_listen = 127.0.0.1:${String(port)}\n[realms]\n ${REALM} = {\n  database_name = ${folder}/principal\n  key_stash_file = ${folder}/stash\n  acl_file = ${folder}/acl\n }\n`);
  run('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'masterpw'], { env });
  const admin = (query: string): void => void run('kadmin.local', ['-r', REALM], { env, input: `${query}\n` });
  const quoted = `"${PASSWORD.replaceAll('"', '""')}"`;
  admin(`addprinc -pw ${quoted} ${USER}`);
  admin(`addprinc -randkey HTTP/${SERVICE_HOST}`);
  const [keytab, userKeytab, ticketCache] = [join(folder, 'http.keytab'), join(folder, 'ann.keytab'), join(folder, 'cc')];
  admin(`ktadd -k ${keytab} HTTP/${SERVICE_HOST}`);
  admin(`ktadd -norandkey -k ${userKeytab} ${USER}`);
  chmodSync(keytab, 0o644);
  const kdc = await startServer('krb5kdc', ['-n', '-P', join(folder, 'kdc.pid')], port, { env });
  run('kinit', ['-k', '-t', userKeytab, '-c', `FILE:${ticketCache}`, USER], { env });
  return {
    folder, port, keytab, userKeytab, ticketCache, env,
    stop: async () => {
      await kdc.stop();
      remove();
    },
  };
}

export interface FrontServer {
  /** `http://127.0.0.1:port`; the schemes stand below /basic, /digest, /krb, /ntlm, /nego. */
  readonly origin: string;
  readonly secureOrigin: string;
  readonly certificate: string;
  /** Bodies the stub behind the front end has received, with the user it was told of. */
  readonly seen: readonly { readonly user: string; readonly body: string }[];
  errors(): string;
  stop(): Promise<void>;
}

/** @param ntlm who knows the users of NTLM: a file with ann, or winbind of the domain the machine belongs to. */
export async function startFrontServer(kdc: Pick<Kdc, 'keytab' | 'env'>, reply: (body: string) => string = (body) => `echo:${body}`, ntlm: 'file' | 'winbind' = 'file'): Promise<FrontServer> {
  const { path: folder, remove } = temporaryFolder();
  chmodSync(folder, 0o755);
  const seen: { user: string; body: string }[] = [];
  const stub = await startStub(seen, reply);
  const [port, securePort] = [await freePort(), await freePort()];
  const { cert, key } = await createSelfSignedCertificate(['127.0.0.1', 'localhost', SERVICE_HOST]);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const md5 = createHash('md5').update(`${USER}:Exchange:${PASSWORD}`).digest('hex');
  const password = join(folder, 'basic.pw');
  run('htpasswd', ['-bcB', password, USER, PASSWORD]);
  appendFileSync(password, run('htpasswd', ['-nbB', `${DOMAIN}\\${USER}`, PASSWORD]));
  const ntlmUsers = file('ntlm.users', `${DOMAIN}:${USER}:${PASSWORD}\n`);
  chmodSync(ntlmUsers, 0o600);
  chownSync(ntlmUsers, 33, 33);
  mkdirSync(join(folder, 'logs'));
  const location = (name: string, lines: readonly string[]): string => [`<Location /${name}/>`, ...lines, ' AuthName "Exchange"', ' Require valid-user', ' RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"', ` ProxyPass http://127.0.0.1:${String(stub.port)}/`, '</Location>'].join('\n');
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'authn_file', 'auth_basic', 'auth_digest', 'auth_gssapi', 'headers', 'proxy', 'proxy_http', 'ssl', 'socache_shmcb'];
  const config = file('httpd.conf', [
    `ServerRoot ${folder}`, 'ServerName localhost', `PidFile ${folder}/httpd.pid`, `ErrorLog ${folder}/logs/error.log`, 'LogLevel warn', 'User www-data', 'Group www-data', `DefaultRuntimeDir ${folder}`,
    ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
    `Listen 127.0.0.1:${String(port)}`, `Listen 127.0.0.1:${String(securePort)}`, 'MaxKeepAliveRequests 5', 'StartServers 1', 'ServerLimit 1', 'ThreadsPerChild 16', 'MaxRequestWorkers 16',
    location('basic', [' AuthType Basic', ' AuthBasicProvider file', ` AuthUserFile ${password}`]),
    location('digest', [' AuthType Digest', ' AuthDigestNonceLifetime 1', ` AuthUserFile ${file('digest.pw', `${USER}:Exchange:${md5}\n`)}`]),
    location('krb', [' AuthType GSSAPI', ` GssapiCredStore keytab:${kdc.keytab}`, ' GssapiAllowedMech krb5']),
    location('ntlm', [' AuthType GSSAPI', ' GssapiAllowedMech ntlmssp', ' GssapiConnectionBound On']),
    location('nego', [' AuthType GSSAPI', ' GssapiAllowedMech krb5', ' GssapiAllowedMech ntlmssp', ' GssapiConnectionBound On']),
    `<VirtualHost 127.0.0.1:${String(securePort)}>`, ' SSLEngine on', ` SSLCertificateFile ${file('tls.pem', cert)}`, ` SSLCertificateKeyFile ${file('tls.key', key)}`, '</VirtualHost>', '',
  ].join('\n'));
  const errorLog = join(folder, 'logs', 'error.log');
  let apache: RunningServer;
  try {
    apache = await startServer('apache2', ['-d', folder, '-f', config, '-X'], port, { env: { ...kdc.env, KRB5_KTNAME: `FILE:${kdc.keytab}`, ...(ntlm === 'file' ? { NTLM_USER_FILE: ntlmUsers, NETBIOS_DOMAIN_NAME: DOMAIN } : {}) } });
  } catch (error) {
    stub.server.close();
    throw new Error(`${String(error)}\n${run('sh', ['-c', `cat ${errorLog} 2>/dev/null || true`])}`, { cause: error });
  }
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    secureOrigin: `https://127.0.0.1:${String(securePort)}`,
    certificate: cert,
    seen,
    errors: () => run('sh', ['-c', `cat ${errorLog} 2>/dev/null || true`]),
    stop: async () => {
      await apache.stop();
      stub.server.closeAllConnections();
      stub.server.close();
      remove();
    },
  };
}

/** What stands behind the front end: says who it was told is signed in, and answers what the test wants. */
async function startStub(seen: { user: string; body: string }[], reply: (body: string) => string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      seen.push({ user: String(request.headers['x-remote-user'] ?? ''), body });
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.end(reply(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
