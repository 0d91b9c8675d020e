/** Every connection property has an effect that fails here, or in the test named here, without it; or it is one of the few that may be moot. */
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/index.js';
import { useRealms } from '../../src/auth/handshake/krb5-config.js';
import { CONNECTION_PROPERTIES } from '../../src/driver/connection-properties.js';
import { resolveOptions, type PropertyBag } from '../../src/driver/connection-options.js';
import { serverOptions } from '../../src/driver/options/on-premises.js';
import { createSelfSignedCertificate } from '../../src/http/certificate.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { failureOf, json, serve } from '../http/server.js';
import { BEN, BEN_MESSAGES, CLIENT_MESSAGES, DEEP_MESSAGES, INBOX_MESSAGES, logged, open, refusal, startOffice, values } from './office.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startOffice();
});
afterAll(() => sandbox.close());

/** Only these may do nothing, with a warning that says so. */
const MAY_BE_MOOT = /^(?:RTK|BrowsableSchemas|Pool.*|UseConnectionPooling|ConnectionLifeTime|Cache.*|AutoCache|Offline|UserDefinedViews)$/;

/** Known, but not offered yet; a connection that gives one is told so by a warning or refused. */
const NOT_YET: Readonly<Record<string, string>> = {
  AlwaysRequestTableDependencies: 'columns of a parent are read by the statements that name them',
  DefaultGroups: 'tables of groups read the groups that the statement names',
  GroupId: 'tables of groups read the groups that the statement names',
  IncludeContent: 'content is read by the statements that name its column',
  Other: 'there are no hidden settings',
  PseudoColumns: 'inputs are columns of every table, and are shown as such',
  SupportEnhancedSQL: 'there is no mode without local evaluation',
  UseClientSidePaging: 'pages are always followed by the links of the service',
};

type Check = (name: string) => unknown;

const TOKEN = { OAuthAccessToken: 'token' };
const USER = { AuthScheme: 'AzureAD', OAuthClientId: 'client' };
const APPLICATION = { AuthScheme: 'AzureServicePrincipal', AzureTenant: 'contoso.example', OAuthClientId: 'client', OAuthClientSecret: 'secret', UserId: 'ann@contoso.example' };
const SERVER = { Schema: 'EWS', Server: 'mail.contoso.example', User: 'ann', Password: 'secret' };

/** What properties mean, without what only repeats them. */
function meaning(properties: PropertyBag): object {
  const { shown: _shown, warnings, ...options } = resolveOptions(properties);
  return { ...options, ignored: warnings.filter(({ code }) => code === 'PROPERTY_IGNORED').length };
}

/** The options are others with the property, and nothing says that it is ignored. */
const changes = (base: PropertyBag, value: string | number | boolean): Check => (name) => {
  const without = Object.fromEntries(Object.entries(base).filter(([other]) => other !== name));
  expect(resolveOptions({ ...base, [name]: value }).warnings.filter(({ message }) => message.startsWith(`${name} does nothing`))).toEqual([]);
  expect(meaning({ ...base, [name]: value })).not.toEqual(meaning(base[name] === undefined ? without : base));
};

/** Of Schema=EWS, where one part of the options shows it. */
const changesServer = (value: string, part: 'url' | 'version' | 'impersonation', base: PropertyBag = SERVER): Check => (name) =>
  expect(serverOptions({ ...base, [name]: value })[part]).not.toEqual(serverOptions(base)[part]);

const refuses = (properties: PropertyBag, said: RegExp): Check => async (name) => {
  const error = await failureOf(Promise.resolve().then(() => resolveOptions({ ...TOKEN, ...properties })));
  expect(error.message).toMatch(said);
  expect(error.message).toContain(name);
};

/** A test elsewhere shows it: the file has a test of that title, and names the property. */
const shownBy = (file: string, title: string): Check => (name) => {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  expect(text).toContain(`'${title}'`);
  expect(text).toMatch(new RegExp(`\\b${name}\\b`));
};

/** Where the connection goes for an address: the one that a proxy property decides. */
const proxied = (without: PropertyBag, value: string | number): Check => (name) => {
  const way = (properties: PropertyBag): unknown => resolveOptions({ ...TOKEN, ...properties }).network.connect.proxy?.(new URL('https://graph.microsoft.com/'));
  expect(way({ ...without, [name]: value })).not.toEqual(way(without));
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'properties-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const krb5 = (): string => readFileSync(process.env['KRB5_CONFIG']!.split(':')[0]!, 'utf8');
const exchange = 'auth/real/exchange.test.ts';
const certificate = 'auth/certificate/certificate.test.ts';
const transport = 'driver/options/transport.test.ts';
const proxies = 'http/real/proxies.test.ts';
const tracing = 'driver/options/tracing.test.ts';
const safety = 'driver/write-safety.test.ts';

const CHECKS: Readonly<Record<string, Check>> = {
  Schema: shownBy('driver/options/on-premises.test.ts', 'the schemes of servers are explained with Schema=MSGraph, and Schema=EWS has no tables yet'),
  AuthScheme: changes(APPLICATION, 'AzureMSI'),
  UserId: changes(TOKEN, 'ben@contoso.example'),
  GraphEndpoint: changes(TOKEN, 'http://localhost:8080/v1.0'),
  AzureEnvironment: changes(TOKEN, 'CHINA'),
  Platform: changesServer('Exchange2013', 'version'),
  Server: changesServer('other.contoso.example', 'url'),
  User: changes({ ...USER, InitiateOAuth: 'GETANDREFRESH' }, 'ann@contoso.example'),
  Password: changes({ AuthScheme: 'OAuth', OAuthGrantType: 'PASSWORD', OAuthClientId: 'client', User: 'ann', Password: 'one' }, 'two'),
  Domain: shownBy(exchange, 'Basic by default, with Domain'),
  ChannelBinding: shownBy(exchange, 'NTLM, without the binding'),
  AzureTenant: changes(USER, 'contoso.example'),
  InitiateOAuth: changes(USER, 'GETANDREFRESH'),
  OAuthClientId: changes(USER, 'other'),
  OAuthClientSecret: changes(APPLICATION, 'other'),
  OAuthClientAuthentication: changes(APPLICATION, 'HEADER'),
  OAuthFederatedTokenFile: changes({ ...APPLICATION, OAuthClientSecret: '', OAuthFederatedTokenFile: '/run/one' }, '/run/two'),
  OAuthAccessToken: changes(TOKEN, 'other'),
  OAuthRefreshToken: changes(USER, 'refresh'),
  OAuthExpiresIn: changes({ ...USER, ...TOKEN, OAuthRefreshToken: 'refresh', OAuthTokenTimestamp: '2030-01-01T00:00:00Z', OAuthExpiresIn: 60 }, 3600),
  OAuthTokenTimestamp: changes({ ...USER, ...TOKEN, OAuthRefreshToken: 'refresh', OAuthTokenTimestamp: '2030-01-01T00:00:00Z', OAuthExpiresIn: 60 }, '2031-01-01T00:00:00Z'),
  OAuthAccessTokenURL: changes(USER, 'https://id.contoso.example/token'),
  OAuthAuthorizationURL: changes({ ...USER, InitiateOAuth: 'GETANDREFRESH' }, 'https://id.contoso.example/authorize'),
  OAuthGrantType: changes({ ...APPLICATION, AuthScheme: 'OAuth' }, 'CLIENT'),
  Scope: changes(USER, 'https://graph.microsoft.com/Mail.Read'),
  CallbackURL: changes({ ...USER, InitiateOAuth: 'GETANDREFRESH' }, 'http://localhost:33333/'),
  OAuthVerifier: changes(USER, 'code'),
  OAuthSettingsLocation: changes(USER, 'memory://walk'),
  OAuthSettingsPassphrase: changes(USER, 'words'),
  OAuthVersion: refuses({ OAuthVersion: '1.0' }, /no value '1\.0'/),
  OAuthJWTCert: shownBy(certificate, '%s signs in: PS256, x5t#S256 and, where there is a certificate, x5c'),
  OAuthJWTCertType: shownBy(certificate, 'covers every type'),
  OAuthJWTCertPassword: shownBy(certificate, 'a wrong password of a PFX'),
  OAuthJWTCertSubject: shownBy(certificate, 'a subject that nobody has'),
  OAuthJWTCertPublic: shownBy(certificate, 'a key beside another certificate'),
  OAuthJWTCertThumbprint: shownBy(certificate, '%s signs in: PS256, x5t#S256 and, where there is a certificate, x5c'),
  OAuthJWTIssuer: shownBy(certificate, 'AzureServicePrincipal takes a certificate, too'),
  OAuthJWTSubject: shownBy(certificate, 'AzureServicePrincipal takes a certificate, too'),
  KerberosKDC: shownBy(exchange, 'Negotiate with a password'),
  KerberosRealm: shownBy(exchange, 'Negotiate with a password'),
  KerberosSPN: shownBy(exchange, 'an unknown service principal is named'),
  KerberosUser: shownBy(exchange, 'Negotiate with a keytab'),
  KerberosKeytabFile: shownBy(exchange, 'Negotiate with a keytab'),
  KerberosTicketCache: shownBy(exchange, 'Negotiate with a ticket'),
  KerberosServiceRealm: () => {
    useRealms({ serviceRealm: 'SERVICE.EXAMPLE', host: 'mail.service.example' });
    expect(krb5()).toContain(' mail.service.example = SERVICE.EXAMPLE');
  },
  KerberosServiceKDC: () => {
    useRealms({ serviceRealm: 'OTHER.EXAMPLE', serviceKdc: 'kdc.other.example:8888', host: 'mail.other.example' });
    expect(krb5()).toContain('kdc = kdc.other.example:8888');
  },
  SSLServerCert: shownBy(transport, 'as %s accepts that certificate; of another server, nothing is sent'),
  SSLCACert: shownBy(transport, 'is trusted besides the usual authorities, as text or file; without it the server is not'),
  SSLMinVersion: shownBy(transport, 'TLS1.3 refuses a server that speaks 1.2 only'),
  SSLClientCert: shownBy(transport, 'is shown to a server that asks for one'),
  SSLClientCertType: shownBy(transport, 'is shown to a server that asks for one'),
  SSLClientCertPassword: async () => {
    const { key, cert } = await createSelfSignedCertificate(['ann.example']);
    const locked = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'words' }).toString();
    const given = { ...TOKEN, SSLClientCert: `${locked}${cert}`, SSLClientCertType: 'PEMKEY_BLOB' };
    expect(resolveOptions({ ...given, SSLClientCertPassword: 'words' }).network.connect.identity).toBeDefined();
    for (const SSLClientCertPassword of ['wrong', '']) expect(() => resolveOptions({ ...given, SSLClientCertPassword })).toThrow();
  },
  SSLClientCertSubject: async () => {
    const { key, cert } = await createSelfSignedCertificate(['ann.example']);
    const given = { ...TOKEN, SSLClientCert: `${key}${cert}`, SSLClientCertType: 'PEMKEY_BLOB' };
    expect(resolveOptions({ ...given, SSLClientCertSubject: '*' }).network.connect.identity).toBeDefined();
    expect(() => resolveOptions({ ...given, SSLClientCertSubject: 'nobody' })).toThrow();
  },
  FirewallType: proxied({ FirewallType: 'SOCKS5', FirewallServer: 'proxy.example' }, 'SOCKS4'),
  FirewallServer: proxied({ FirewallType: 'SOCKS5', FirewallServer: 'proxy.example' }, 'other.example'),
  FirewallPort: proxied({ FirewallType: 'SOCKS5', FirewallServer: 'proxy.example' }, 1081),
  FirewallUser: shownBy(proxies, 'SOCKS5, without and with a user'),
  FirewallPassword: shownBy(proxies, 'SOCKS5, without and with a user'),
  ProxyAutoDetect: shownBy(proxies, 'ProxyAutoDetect takes the environment, but not to this machine'),
  ProxyServer: proxied({}, 'proxy.example'),
  ProxyPort: proxied({ ProxyServer: 'proxy.example' }, 3128),
  ProxyAuthScheme: shownBy(proxies, 'negotiate, with a ticket and with a password'),
  ProxyUser: shownBy(proxies, 'Basic, a wrong password, no user'),
  ProxyPassword: shownBy(proxies, 'Basic, a wrong password, no user'),
  ProxySSLType: proxied({ ProxyServer: 'proxy.example' }, 'ALWAYS'),
  ProxyExceptions: proxied({ ProxyServer: 'proxy.example' }, '*.microsoft.com'),
  CustomHeaders: shownBy(transport, 'go to the service with each request, and are no part of what is shown'),
  Logfile: shownBy(tracing, 'has more with each level'),
  Verbosity: shownBy(tracing, 'has more with each level'),
  LogModules: shownBy(tracing, 'LogModules narrows it'),
  MaxLogFileSize: shownBy(tracing, 'MaxLogFileSize and MaxLogFileCount turn it'),
  MaxLogFileCount: shownBy(tracing, 'MaxLogFileSize and MaxLogFileCount turn it'),
  TraceFolder: shownBy(tracing, 'has a file of requests for each statement, and one of its sign-in, without secrets'),
  Location: async () => {
    const path = folder();
    const own = JSON.parse(readFileSync(new URL('../../schema/msgraph/Contacts.json', import.meta.url), 'utf8')) as Record<string, unknown>;
    mkdirSync(join(path, 'procedures'));
    writeFileSync(join(path, 'Partners.json'), JSON.stringify({ ...own, name: 'Partners', aliases: [] }));
    await using connection = await connect({ ...sandboxProperties(), Location: path });
    expect(await values(connection, "SELECT TableName FROM sys_tables WHERE TableName = 'Partners'")).toEqual(['Partners']);
  },
  Tables: async () => {
    await using connection = await open(sandbox, 'Tables="messages, Contacts"');
    expect(await values(connection, "SELECT TableName FROM sys_tables WHERE TableType = 'TABLE' ORDER BY 1")).toEqual(['Contacts', 'Messages']);
    expect(await values(connection, 'SELECT DISTINCT TableName FROM sys_tablecolumns WHERE TableName IN (\'Events\', \'Messages\')')).toEqual(['Messages']);
    expect(await values(connection, "SELECT count(*) > 0 FROM sys_tables WHERE TableType = 'VIEW'")).toEqual([1]);
    expect(await values(connection, 'SELECT count(*) > 0 FROM Events')).toEqual([1]);
    expect(await refusal(open(sandbox, 'Tables=Mesages'))).toMatchObject({ code: 'CONNECTION_STRING', hint: 'Did you mean Messages?' });
  },
  Views: async () => {
    await using all = await open(sandbox);
    const [first] = await values(all, "SELECT TableName FROM sys_tables WHERE TableType = 'VIEW' LIMIT 1");
    await using connection = await open(sandbox, `Views=${String(first)}`);
    expect(await values(connection, "SELECT TableName FROM sys_tables WHERE TableType = 'VIEW'")).toEqual([first]);
    expect(await values(connection, "SELECT count(*) > 1 FROM sys_tables WHERE TableType = 'TABLE'")).toEqual([1]);
  },
  MaxRows: changes(TOKEN, 5),
  Pagesize: shownBy('driver/library.test.ts', 'Pagesize sets what a request asks for'),
  Timeout: changes(TOKEN, 5),
  DisableServerSideFiltering: shownBy('driver/execution.test.ts', 'DisableServerSideFiltering sends no filter, sort or count'),
  IdType: async () => {
    await using regular = await open(sandbox, 'IdType=Regular');
    await using usual = await open(sandbox);
    const sql = "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND subject = 'Rabatt 50% auf alles'";
    expect(await values(regular, sql)).not.toEqual(await values(usual, sql));
  },
  PrimaryKey: async () => {
    await using connection = await open(sandbox, 'PrimaryKey=id');
    expect(await values(connection, "SELECT ColumnName FROM sys_tablecolumns WHERE TableName = 'Messages' AND IsKey = 1")).toEqual(['id']);
  },
  MaxAffectedRows: shownBy(safety, 'more rows than allowed, WHERE 1=1 included, reading no further than needed'),
  AllowFullTable: shownBy(safety, 'a whole table, unless that is meant'),
  DryRun: shownBy(safety, 'reads, writes nothing, shows every request and the exact number of rows'),
  OnRowError: shownBy(safety, 'continue: the count is exact and the failed row is a warning'),
  OnMailboxError: shownBy('driver/tables.test.ts', 'OnMailboxError: fail names mailbox and permission, warn goes on'),
  IncludeSubfolders: async () => {
    await using connection = await open(sandbox, 'IncludeSubfolders=true');
    expect(await values(connection, `SELECT count(*) > ${String(INBOX_MESSAGES)} FROM Messages WHERE parentFolderId = 'inbox'`)).toEqual([1]);
  },
  BatchSize: async () => {
    await using connection = await open(sandbox, 'BatchSize=2');
    const { calls } = await logged(sandbox, () => connection.query(`INSERT INTO Contacts (givenName) VALUES ${"('Ann'), ".repeat(4)}('Bo')`));
    expect(calls.filter(({ method }) => method === 'POST')).toHaveLength(3);
    await using most = await open(sandbox, 'BatchSize=100');
    const { calls: once } = await logged(sandbox, () => most.query(`INSERT INTO Contacts (givenName) VALUES ${"('Ann'), ".repeat(4)}('Bo')`));
    expect(once.filter(({ method }) => method === 'POST')).toHaveLength(1);
  },
  BodyType: async () => {
    const read = async (properties: string, sql: string): Promise<unknown> => {
      await using connection = await open(sandbox, properties);
      return (await connection.query(sql, [], { rowMode: 'array' })).rows[0];
    };
    const of = "SELECT body_contentType, trim(body_content, char(10, 13, 32)) FROM Messages WHERE parentFolderId = 'inbox' AND subject = 'Rabatt 50% auf alles'";
    expect(await read('BodyType=Text', of)).toEqual(['text', 'Message 1']);
    expect(await read('BodyType=Best', of)).toEqual(['html', '<p>Message 1</p>']);
    expect(await read('BodyType=HTML', `EXPLAIN ${of}`)).toBeDefined();
    const server = await serve((_, response) => json(response, { value: [] }));
    await using connection = await connect({ ...TOKEN, GraphEndpoint: `${server.origin}/v1.0`, BodyType: 'HTML' });
    for (const table of ['Events', 'Contacts']) await connection.query(`SELECT * FROM ${table}`);
    expect(server.seen.map(({ headers }) => headers['prefer'])).toEqual(['IdType="ImmutableId", outlook.body-content-type="html"', 'IdType="ImmutableId"']);
  },
  ConnectOnOpen: async () => {
    const { calls } = await logged(sandbox, async () => (await open(sandbox, 'ConnectOnOpen=true')).close());
    expect(calls).toHaveLength(1);
    expect((await logged(sandbox, async () => (await open(sandbox)).close())).calls).toEqual([]);
    const server = await serve((_, response) => json(response, { error: { code: 'InvalidAuthenticationToken', message: 'no' } }, 401));
    expect(await refusal(connect({ ...TOKEN, GraphEndpoint: `${server.origin}/v1.0`, ConnectOnOpen: true }))).toMatchObject({ code: 'AUTHENTICATION' });
    const narrow = await serve((_, response) => json(response, { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } }, 403));
    await (await connect({ ...TOKEN, GraphEndpoint: `${narrow.origin}/v1.0`, ConnectOnOpen: true })).close();
    expect(narrow.seen).toHaveLength(1);
  },
  DefaultUser: async () => {
    await using connection = await connect({ ...sandboxProperties(), UserId: '', DefaultUser: BEN });
    expect(await values(connection, 'SELECT count(*) FROM Messages')).toEqual([BEN_MESSAGES]);
    expect(resolveOptions({ ...TOKEN, DefaultUser: 'CurrentUser' }).userId).toBeUndefined();
    expect(() => resolveOptions({ ...TOKEN, UserId: 'a@contoso.example', DefaultUser: 'b@contoso.example' })).toThrow(/two mailboxes/);
    expect(() => resolveOptions({ ...TOKEN, DefaultUser: 'AllUsers' })).toThrow(/every mailbox/);
  },
  DirectoryRetrievalDepth: async () => {
    const shown = async (properties: string): Promise<readonly [unknown, readonly string[]]> => {
      await using connection = await open(sandbox, properties);
      const { rows, warnings } = await connection.query('SELECT max(depth) FROM MailFolders', [], { rowMode: 'array' });
      return [rows[0]![0], warnings.map(({ code }) => code)];
    };
    expect(await shown('')).toEqual([3, []]);
    expect(await shown('DirectoryRetrievalDepth=2')).toEqual([2, ['DEPTH_LIMIT']]);
    expect(await shown('DirectoryRetrievalDepth=4')).toEqual([3, []]);
    await using connection = await open(sandbox, 'DirectoryRetrievalDepth=1');
    const { rows, warnings } = await connection.query("SELECT count(*) AS n FROM Messages WHERE parentFolderId = 'inbox' AND IncludeSubfolders = 1");
    expect([rows, warnings]).toEqual([[{ n: INBOX_MESSAGES + CLIENT_MESSAGES + DEEP_MESSAGES }], []]);
  },
  ImpersonationType: changesServer('SID', 'impersonation', { ...SERVER, ImpersonationUser: 'S-1-5-21' }),
  ImpersonationUser: changesServer('ann', 'impersonation'),
  Readonly: shownBy(safety, 'everything, where the connection only reads'),
};

const sandboxProperties = (): Record<string, string> => Object.fromEntries(sandbox.connectionString.split(';').filter((part) => part.includes('=')).map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));

const STATED = CONNECTION_PROPERTIES.map(({ name }) => name);

test('sys_connection_props lists every property, and each is in one of the three lists', async () => {
  await using connection = await open(sandbox);
  const names = (await values(connection, 'SELECT Name FROM sys_connection_props')).map(String);
  expect([...names].sort()).toEqual([...STATED].sort());
  const lists = names.map((name) => [name, [MAY_BE_MOOT.test(name), name in NOT_YET, name in CHECKS].filter(Boolean).length]);
  expect(lists.filter(([, count]) => count !== 1)).toEqual([]);
  expect([...Object.keys(NOT_YET), ...Object.keys(CHECKS)].filter((name) => !names.includes(name))).toEqual([]);
});

test.each(STATED.filter((name) => MAY_BE_MOOT.test(name)))('%s is accepted with a warning', (name) => {
  expect(resolveOptions({ ...TOKEN, [name]: 'other' }).warnings).toEqual([{ code: 'PROPERTY_IGNORED', message: expect.stringMatching(`^${name} does nothing here: `) as string }]);
});

test.each(Object.keys(NOT_YET))('%s is not passed over in silence', (name) => {
  const { type, default: usual } = CONNECTION_PROPERTIES.find((one) => one.name === name)!;
  const value = type !== 'boolean' ? 'other' : String(usual !== 'true');
  let said: string;
  try {
    said = resolveOptions({ ...TOKEN, [name]: value }).warnings.map(({ message }) => message).join();
  } catch (error) {
    said = String(error);
  }
  expect(said).toContain(name);
});

test.each(Object.entries(CHECKS))('%s has an effect', async (name, check) => {
  expect(CONNECTION_PROPERTIES.find((one) => one.name === name)?.status).toBe('supported');
  await check(name);
});
