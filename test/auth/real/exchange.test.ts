/** Schema=EWS of a connection string, through Apache with each scheme: the stub behind answers as Exchange does. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { testServer } from '../../../src/driver/server-test.js';
import type { PropertyBag } from '../../../src/driver/options/reader.js';
import { INBOX } from '../../ews/answers.js';
import { describeReal } from '../../support/counterpart.js';
import { DOMAIN, NEEDS, PASSWORD, REALM, SERVICE_HOST, startFrontServer, startKdc, USER, type FrontServer, type Kdc } from './directory.js';

describeReal('an Exchange server behind Apache', NEEDS, () => {
  let kdc: Kdc;
  let front: FrontServer;
  beforeAll(async () => {
    kdc = await startKdc();
    front = await startFrontServer(kdc, () => INBOX);
  }, 60_000);
  afterAll(async () => {
    await front?.stop();
    await kdc?.stop();
  });

  const user = { User: USER, Password: PASSWORD };
  const kerberos = (): PropertyBag => ({ AuthScheme: 'Negotiate', KerberosKDC: `127.0.0.1:${String(kdc.port)}`, KerberosRealm: REALM, KerberosSPN: `HTTP/${SERVICE_HOST}` });
  const ways: readonly (readonly [name: string, path: string, properties: () => PropertyBag])[] = [
    ['Basic', 'basic', () => ({ AuthScheme: 'Basic', ...user })],
    ['Basic by default, with Domain', 'basic', () => ({ ...user, Domain: DOMAIN })],
    ['Digest', 'digest', () => ({ AuthScheme: 'Digest', ...user })],
    ['NTLM', 'ntlm', () => ({ AuthScheme: 'NTLM', ...user, Domain: DOMAIN })],
    ['NTLM, without the binding', 'ntlm', () => ({ AuthScheme: 'NTLM', User: `${DOMAIN}\\${USER}`, Password: PASSWORD, ChannelBinding: false })],
    ['Negotiate without a KDC: NTLM', 'nego', () => ({ AuthScheme: 'Negotiate', ...user, Domain: DOMAIN })],
    ['Negotiate with a password', 'krb', () => ({ ...kerberos(), ...user })],
    ['Negotiate with a ticket', 'krb', () => ({ ...kerberos(), KerberosTicketCache: `FILE:${kdc.ticketCache}` })],
    ['Negotiate with a keytab', 'krb', () => ({ ...kerberos(), KerberosKeytabFile: kdc.userKeytab, KerberosUser: `${USER}@${REALM}` })],
  ];

  test.each(ways)('%s', async (_name, path, properties) => {
    for (const server of [`${front.origin}/${path}`, `${front.secureOrigin}/${path}/EWS/Exchange.asmx`]) {
      const folder = mkdtempSync(join(tmpdir(), 'exchange-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const report = await testServer({ Schema: 'EWS', Server: server, SSLServerCert: front.certificate, ...properties(), Logfile: join(folder, 'all.log'), Verbosity: 5, TraceFolder: folder });
      expect(report).toMatchObject({ name: 'Inbox', total: 42, unread: 7, serverVersion: '15.2.1118.40', url: `${new URL(server).origin}/${path}/EWS/Exchange.asmx`, warnings: [] });
      const sent = front.seen.at(-1)!;
      expect(sent.body).toContain('<t:DistinguishedFolderId Id="inbox"/>');
      expect(sent.user.toLowerCase()).toContain(USER);
      const traces = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      expect(traces).toHaveLength(2);
      for (const text of traces) {
        expect(text).toContain('<t:DisplayName>Inbox</t:DisplayName>');
        for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), Buffer.from(`${USER}:${PASSWORD}`).toString('base64'), 'TlRMTVNTUAAD']) expect(text).not.toContain(secret);
      }
    }
  });

  test.each(ways.filter(([name]) => /^(?:Basic|Digest|NTLM|Negotiate with a password)$/.test(name)))('%s, with a wrong password', async (_name, path, properties) => {
    const before = front.seen.length;
    const error: unknown = await testServer({ Schema: 'EWS', Server: `${front.origin}/${path}`, ...properties(), Password: 'wrong-canary' }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'AUTHENTICATION', hint: expect.stringContaining('Password') as string });
    expect(String(error)).not.toContain('wrong-canary');
    expect(front.seen).toHaveLength(before);
  });

  test('a scheme that the server does not offer is told with those it does', async () => {
    const at = (path: string, scheme: string): Promise<unknown> => testServer({ Schema: 'EWS', Server: `${front.origin}/${path}`, AuthScheme: scheme, ...user }).catch((failure: unknown) => failure);
    expect(await at('basic', 'NTLM')).toMatchObject({ code: 'AUTHENTICATION', hint: expect.stringContaining('Basic') as string });
    expect(await at('digest', 'Basic')).toMatchObject({ code: 'AUTHENTICATION', hint: expect.stringContaining('Digest') as string });
    expect(await testServer({ Schema: 'EWS', Server: `${front.origin}/nego`, AuthScheme: 'NONE' }).catch((failure: unknown) => failure)).toMatchObject({ code: 'AUTHENTICATION', message: expect.stringContaining('asks for authentication') as string, hint: expect.stringContaining('Negotiate') as string });
  });

  test('an unknown service principal is named', async () => {
    await expect(testServer({ Schema: 'EWS', Server: `${front.origin}/krb`, ...kerberos(), KerberosSPN: 'HTTP/unknown.corp.test', ...user })).rejects.toMatchObject({ code: 'AUTHENTICATION', hint: expect.stringContaining('KerberosSPN') as string });
  });
});
