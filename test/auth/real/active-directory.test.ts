/**
 * NTLM and Kerberos with the users of a real Active Directory: Samba as domain controller in a network namespace, Apache with
 * winbind outside of it. Where there is no root or no network namespace, this is the one test that may be left out in CI.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testServer } from '../../../src/driver/server-test.js';
import type { PropertyBag } from '../../../src/driver/options/reader.js';
import { INBOX } from '../../ews/answers.js';
import { describeReal, run, startServer, temporaryFolder, which, type RunningServer } from '../../support/counterpart.js';
import { NEEDS, startFrontServer, type FrontServer } from './directory.js';

const [REALM, DOMAIN, SERVICE_HOST] = ['AD.TEST', 'ADTEST', 'exch.ad.test'];
const PASSWORD = 'Ann.P4sswörd!';
/** The controller's address, and this side's, on a pair of interfaces of their own. */
const [CONTROLLER, HERE] = ['10.99.0.1', '10.99.0.2'];
const NAMESPACE = `exsql${String(process.pid)}`;

const ip = (...args: string[]): boolean => spawnSync(which('ip') ?? 'ip', args).status === 0;

/** A namespace whose only way out leads here. */
function makeNamespace(): boolean {
  const [out, inner] = [`${NAMESPACE}o`, `${NAMESPACE}i`];
  const made = ip('netns', 'add', NAMESPACE) && ip('link', 'add', out, 'type', 'veth', 'peer', 'name', inner, 'netns', NAMESPACE)
    && ip('addr', 'add', `${HERE}/30`, 'dev', out) && ip('link', 'set', out, 'up')
    && ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up') && ip('-n', NAMESPACE, 'addr', 'add', `${CONTROLLER}/30`, 'dev', inner) && ip('-n', NAMESPACE, 'link', 'set', inner, 'up');
  if (!made) removeNamespace();
  return made;
}

/** The interfaces go with it, but not at once. */
function removeNamespace(): void {
  ip('link', 'del', `${NAMESPACE}o`);
  ip('netns', 'del', NAMESPACE);
}

interface Controller {
  readonly keytab: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function startController(): Promise<Controller> {
  const { path: folder, remove } = temporaryFolder();
  chmodSync(folder, 0o755);
  const inside = (command: string, ...args: string[]): string => run('ip', ['netns', 'exec', NAMESPACE, command, ...args]);
  inside('samba-tool', 'domain', 'provision', '--server-role=dc', '--use-rfc2307', `--realm=${REALM}`, `--domain=${DOMAIN}`, '--adminpass=Adm.P4ssword!', '--dns-backend=NONE', `--host-ip=${CONTROLLER}`, '--host-name=dc1',
    `--targetdir=${folder}/state`, `--option=interfaces=lo ${CONTROLLER}`, '--option=bind interfaces only=yes');
  const settings = join(folder, 'state', 'etc', 'smb.conf');
  writeFileSync(settings, settingsOf(readFileSync(settings, 'utf8'), folder));
  for (const name of ['pid', 'ncalrpc']) mkdirSync(join(folder, name));
  const tool = (...args: string[]): string => run('samba-tool', [...args, `--configfile=${settings}`]);
  tool('user', 'create', 'ann', PASSWORD);
  tool('user', 'create', 'svcews', 'Svc.P4ssword!');
  tool('spn', 'add', `HTTP/${SERVICE_HOST}`, 'svcews');
  const keytab = join(folder, 'http.keytab');
  tool('domain', 'exportkeytab', keytab, `--principal=HTTP/${SERVICE_HOST}`);
  chmodSync(keytab, 0o644);
  const krb5 = join(folder, 'krb5.conf');
  writeFileSync(krb5, `[libdefaults]\n default_realm = ${REALM}\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n`);
  let samba: RunningServer | undefined;
  const stop = async (): Promise<void> => {
    await samba?.stop();
    remove();
  };
  try {
    samba = await startServer('ip', ['netns', 'exec', NAMESPACE, 'samba', '-s', settings, '-i', '-M', 'prefork'], 88, { host: CONTROLLER, waitMs: 30_000 });
    // What Apache's user needs to ask winbind about NTLM.
    const privileged = join(folder, 'state', 'state', 'winbindd_privileged');
    for (let tries = 0; spawnSync('wbinfo', ['-p']).status !== 0 || !existsSync(privileged); tries++) {
      if (tries > 100) throw new Error(`winbind does not answer: ${samba.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    chownSync(privileged, statSync(privileged).uid, 33);
    return { keytab, env: { KRB5_CONFIG: krb5 }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Everything in the folder; no printers, no TLS, no services that are of no use here. */
function settingsOf(text: string, folder: string): string {
  const kept = text.slice(0, text.indexOf('[homes]')) + text.slice(text.indexOf('[sysvol]'));
  return kept
    .replace(/^\t(?:panic action|usershare allow guests|unix password sync|pam password change|obey pam restrictions|passwd \w+|server services|log file) = .*\n/gm, '')
    .replace('[global]\n', ['[global]', 'server services = s3fs, rpc, ldap, cldap, kdc, winbindd', `log file = ${folder}/log.%m`, `pid directory = ${folder}/pid`, `ncalrpc dir = ${folder}/ncalrpc`, 'tls enabled = no', 'disable spoolss = yes', 'load printers = no', ''].join('\n\t').replace(/\t$/, ''));
}

function body(): void {
  let controller: Controller | undefined;
  let front: FrontServer;
  beforeAll(async () => {
    expect(makeNamespace()).toBe(true);
    controller = await startController();
    front = await startFrontServer(controller, () => INBOX, 'winbind');
  }, 180_000);
  afterAll(async () => {
    await front?.stop();
    await controller?.stop();
    removeNamespace();
  });

  const kerberos: PropertyBag = { AuthScheme: 'Negotiate', KerberosKDC: CONTROLLER, KerberosRealm: REALM, KerberosSPN: `HTTP/${SERVICE_HOST}` };
  const ways: readonly (readonly [name: string, path: string, properties: PropertyBag])[] = [
    ['NTLM, DOMAIN\\user', 'ntlm', { AuthScheme: 'NTLM', User: `${DOMAIN}\\ann` }],
    ['NTLM, Domain', 'ntlm', { AuthScheme: 'NTLM', User: 'ann', Domain: DOMAIN }],
    ['NTLM, user@domain', 'ntlm', { AuthScheme: 'NTLM', User: 'ann@ad.test' }],
    ['Negotiate without a KDC: NTLM', 'nego', { AuthScheme: 'Negotiate', User: 'ann', Domain: DOMAIN }],
    ['Kerberos by password', 'krb', { ...kerberos, User: 'ann' }],
    ['Kerberos by password, where NTLM is offered too', 'nego', { ...kerberos, User: 'ann' }],
  ];

  test.each(ways)('%s', async (_name, path, properties) => {
    for (const server of [`${front.origin}/${path}`, `${front.secureOrigin}/${path}`]) {
      const given = { Schema: 'EWS', Server: server, SSLServerCert: front.certificate, ...properties };
      expect(await testServer({ ...given, Password: PASSWORD })).toMatchObject({ name: 'Inbox', total: 42 });
      expect(front.seen.at(-1)!.user.toLowerCase()).toContain('ann');
    }
    const before = front.seen.length;
    const error: unknown = await testServer({ Schema: 'EWS', Server: `${front.origin}/${path}`, ...properties, Password: 'Wrong.canary1' }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'AUTHENTICATION' });
    expect(String(error)).not.toContain('canary');
    expect(front.seen).toHaveLength(before);
  });
}

/** Whether there may be namespaces at all; what is not installed is another matter. */
function mayHaveNamespace(): boolean {
  if (process.getuid?.() !== 0) return false;
  if (which('ip') === undefined) return true;
  const made = makeNamespace();
  if (made) removeNamespace();
  return made;
}

const name = 'an Exchange server in an Active Directory (Samba)';
if (mayHaveNamespace()) {
  describeReal(name, { ...NEEDS, commands: ['apache2', 'ip', 'samba', 'samba-tool', 'wbinfo'], packages: ['apache2', 'libapache2-mod-auth-gssapi', 'gss-ntlmssp', 'samba', 'samba-ad-dc', 'samba-ad-provision', 'winbind', 'python3-samba', 'iproute2'] }, body);
} else {
  process.stderr.write(`\nNOT RUN: ${name}: it needs root and a network namespace\n`);
  describe.skip(name, body);
}
