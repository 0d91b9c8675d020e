/**
 * Owns: the list of connection properties, as data; sys_connection_props, help and the parser are made of it.
 * Does not own: reading a connection string (connection-string.ts).
 * Invariants: every name existing connection strings use is here; `supported` ones act, `moot` ones are accepted with a
 * warning that says why they do nothing, `later` ones are refused unless given their default.
 */
import { CERTIFICATE_TYPES } from '../auth/certificate/types.js';
import { similarNames } from '../catalog/similar.js';
import { FLAG, later, moot, SECRET, supported, type ConnectionProperty } from './properties/declare.js';
import { NETWORK_PROPERTIES } from './properties/network.js';

export type { ConnectionProperty, PropertyStatus, PropertyType } from './properties/declare.js';

export const CONNECTION_PROPERTIES: readonly ConnectionProperty[] = [
  // Authentication
  supported('Authentication', 'Schema', 'The set of tables: MSGraph reads Microsoft 365 mailboxes through Microsoft Graph.', {
    default: 'MSGraph', values: ['MSGraph', 'EWS'], laterValues: ['EWS'],
  }),
  supported('Authentication', 'AuthScheme', 'How to sign in. AzureAD: a user, in a browser. AzureServicePrincipal: an application, with OAuthClientSecret, OAuthJWTCert or OAuthFederatedTokenFile. AzureServicePrincipalCert: an application with OAuthJWTCert. AzureMSI: the identity of the Azure machine this runs on. OAuth: given tokens, or as OAuthGrantType says. Basic, Digest, NTLM, Negotiate (Kerberos, or NTLM) and NONE sign in at the server of Schema=EWS. Default: what the other properties allow.', {
    values: ['OAuth', 'AzureServicePrincipal', 'AzureAD', 'AzureServicePrincipalCert', 'AzureMSI', 'Basic', 'Digest', 'NTLM', 'Negotiate', 'NONE'],
    aliases: ['Authentication Scheme'],
  }),
  supported('Authentication', 'UserId', 'The mailbox to read where a statement names none: address or id of a user. Default: the signed-in user. Required for applications.'),
  supported('Authentication', 'GraphEndpoint', 'Root of the Graph service with its version; https, or http on this machine.', { default: 'https://graph.microsoft.com/v1.0', aliases: ['Graph URL', 'ServiceRoot'] }),
  supported('Authentication', 'AzureEnvironment', 'National cloud; sets GraphEndpoint.', { default: 'GLOBAL', values: ['GLOBAL', 'USGOVT', 'USGOVTDOD', 'CHINA'], aliases: ['Office365Environment'] }),
  supported('Authentication', 'Platform', 'Version of the Exchange server of Schema=EWS. Default: what all versions understand.', { values: ['Exchange2007', 'Exchange2007_SP1', 'Exchange2010', 'Exchange2010_SP1', 'Exchange2010_SP2', 'Exchange2013', 'Exchange2013_SP1', 'Exchange_Online'] }),
  supported('Authentication', 'Server', 'Exchange server of Schema=EWS: a host, an IP address, or the address of EWS (/EWS/Exchange.asmx is added). The address of Microsoft Graph is GraphEndpoint.'),
  supported('Authentication', 'User', 'Who signs in: with Password for OAuthGrantType=PASSWORD; with a browser, whose sign-in it is where several share a token file. The mailbox to read is UserId.', { aliases: ['Username', 'UID'] }),
  supported('Authentication', 'Password', 'Password of User.', { ...SECRET, aliases: ['PWD'] }),
  supported('Authentication', 'Domain', 'Windows domain of User, where User is not DOMAIN\\user or user@domain. For Schema=EWS.'),
  supported('Authentication', 'ChannelBinding', 'Bind NTLM and Negotiate to the TLS certificate of the server (Extended Protection). false where a gateway in between shows another certificate.', { type: 'boolean', default: 'true' }),
  // Azure and OAuth
  supported('Azure', 'AzureTenant', 'Tenant to sign in to: its id or one of its domains. Users may leave it out where the application allows several tenants.', { aliases: ['Tenant', 'TenantId'] }),
  supported('OAuth', 'InitiateOAuth', 'OFF uses the OAuthAccessToken given. REFRESH renews OAuthRefreshToken or a stored sign-in, and never asks the user. GETANDREFRESH opens a browser where there is nothing to renew. Applications get their tokens anew unless it is OFF. Default: OFF where an access token alone is given, else REFRESH.', { values: ['OFF', 'GETANDREFRESH', 'REFRESH'] }),
  supported('OAuth', 'OAuthClientId', 'Id of the registered application. For AzureMSI, a user-assigned identity: its client id, object:<object id>, or its resource id.', { aliases: ['ClientId'] }),
  supported('OAuth', 'OAuthClientSecret', 'Secret of the registered application (its value, not its id).', { ...SECRET, aliases: ['ClientSecret'] }),
  supported('OAuth', 'OAuthClientAuthentication', 'Where OAuthClientSecret is sent: in the BODY of the request or in its HEADER (Basic).', { default: 'BODY', values: ['BODY', 'HEADER'] }),
  supported('OAuth', 'OAuthFederatedTokenFile', 'File with a token of another issuer that the application trusts (workload identity); read anew for each request. Default: AZURE_FEDERATED_TOKEN_FILE of the environment, with AZURE_CLIENT_ID and AZURE_TENANT_ID.'),
  supported('OAuth', 'OAuthAccessToken', 'Access token for Microsoft Graph, obtained elsewhere.', { ...SECRET, aliases: ['AccessToken'] }),
  supported('OAuth', 'OAuthRefreshToken', 'Refresh token, obtained elsewhere; used until the token file has a newer one.', { ...SECRET, aliases: ['RefreshToken'] }),
  supported('OAuth', 'OAuthExpiresIn', 'Seconds that OAuthAccessToken lives, from OAuthTokenTimestamp.', { type: 'integer' }),
  supported('OAuth', 'OAuthTokenTimestamp', 'When OAuthAccessToken was issued: milliseconds since 1970, or a date and time. Default: now.'),
  supported('OAuth', 'OAuthAccessTokenURL', 'Token endpoint, where it is not the one of the national cloud.'),
  supported('OAuth', 'OAuthAuthorizationURL', 'Address where users sign in, where it is not the one of the national cloud.'),
  supported('OAuth', 'OAuthGrantType', 'Of AuthScheme=OAuth. CODE: a user in a browser. CLIENT: an application as itself. PASSWORD: User and Password, without a second factor; BASIC_OAUTH is the same.', { default: 'CODE', values: ['CODE', 'CLIENT', 'PASSWORD', 'BASIC_OAUTH'] }),
  supported('OAuth', 'Scope', "Permissions asked for, separated by blanks. Default: '/.default' of the Graph endpoint, which is all that was granted."),
  supported('OAuth', 'CallbackURL', 'Where the browser comes back to, as registered with the application. Default: http://localhost, at any free port.'),
  supported('OAuth', 'OAuthVerifier', 'Second step of a sign-in that GetOAuthAuthorizationURL began: the code, or the whole address the browser came to.', SECRET),
  supported('OAuth', 'OAuthSettingsLocation', "File that sign-ins of users are kept in, readable for its owner only; connections may share one. memory:// keeps them in the process. Default: exchange-sql/tokens.json in the user's configuration folder."),
  supported('OAuth', 'OAuthSettingsPassphrase', 'Encrypts the file of OAuthSettingsLocation.', SECRET),
  supported('OAuth', 'OAuthVersion', 'Version of OAuth; Microsoft Graph takes 2.0 only.', { default: '2.0', values: ['2.0'] }),
  // JWT
  supported('JWT OAuth', 'OAuthJWTCert', 'Certificate with its private key that an application signs in with: a path for the FILE types, the content for the BLOB types (base64 where it is binary).', SECRET),
  supported('JWT OAuth', 'OAuthJWTCertType', 'What OAuthJWTCert is. PFX, PEM and JKS hold key and certificate; PPK and XML hold a key only, and need OAuthJWTCertPublic or OAuthJWTCertThumbprint. Those of public keys and the stores of Windows are refused with the reason.', { default: 'PFXFILE', values: CERTIFICATE_TYPES }),
  supported('JWT OAuth', 'OAuthJWTCertPassword', 'Password of OAuthJWTCert.', SECRET),
  supported('JWT OAuth', 'OAuthJWTCertSubject', 'Part of the subject of the certificate to take, where there are several; * takes the first with a private key.', { default: '*' }),
  supported('JWT OAuth', 'OAuthJWTCertPublic', 'Certificate (PEM, or a path) for a key file that holds none.'),
  supported('JWT OAuth', 'OAuthJWTCertThumbprint', 'SHA-256 (or SHA-1) thumbprint of the registered certificate, for a key file that holds none.'),
  supported('JWT OAuth', 'OAuthJWTIssuer', 'Id of the application, where OAuthClientId is not given.'),
  supported('JWT OAuth', 'OAuthJWTSubject', 'Id of the application, where OAuthClientId is not given.'),
  ...NETWORK_PROPERTIES,
  // Schema
  supported('Schema', 'Location', 'Folder with declarations of tables (*.json) and procedures (procedures/*.json) of your own; EXEC CreateSchema writes some.'),
  moot('Schema', 'BrowsableSchemas', 'there is one schema'),
  supported('Schema', 'Tables', 'Tables that the system tables list, separated by commas: what tools that show every table need not show. All can be read. Default: all.'),
  supported('Schema', 'Views', 'Views that the system tables list, separated by commas. All can be read. Default: all.'),
  // Caching
  moot('Caching', 'AutoCache', 'there is no cache database; statements read the service', FLAG),
  moot('Caching', 'CacheProvider', 'there is no cache database; statements read the service'),
  moot('Caching', 'CacheDriver', 'there is no cache database; statements read the service'),
  moot('Caching', 'CacheConnection', 'there is no cache database; statements read the service', SECRET),
  moot('Caching', 'CacheLocation', 'there is no cache database; statements read the service'),
  moot('Caching', 'CacheTolerance', 'there is no cache database; statements read the service', { type: 'integer', default: '600' }),
  moot('Caching', 'Offline', 'there is no cache database; statements read the service', FLAG),
  moot('Caching', 'CacheMetadata', 'the tables are known without asking the service', FLAG),
  // Results
  supported('Results', 'MaxRows', 'Most rows a query returns; -1 for all.', { type: 'integer', default: '-1' }),
  supported('Results', 'Pagesize', 'Rows asked for in one request, 1 to 1000; 0 lets the driver choose.', { type: 'integer', default: '0' }),
  supported('Results', 'Timeout', 'Seconds that one HTTP call may take, and from its first attempt on after which it is not repeated (one wait that the service asks for, of at most 300 s, is always kept), and that local work may take from one row to the next; 0 for no limit.', { type: 'integer', default: '60' }),
  supported('Results', 'DisableServerSideFiltering', 'Send no filters: every row is read and filtered here.', FLAG),
  supported('Results', 'IdType', 'Kind of ids shown: Immutable ids stay when an item moves, Regular ids do not.', { default: 'Immutable', values: ['Immutable', 'Regular'] }),
  supported('Results', 'PrimaryKey', 'Primary key that tables declare: composite is id with changeKey where there is one, id the id alone, RowKey the case-safe form of the id. Rows are found by all three, whichever is declared.', { default: 'composite', values: ['composite', 'id', 'RowKey'], aliases: ['KeyColumns'] }),
  supported('Results', 'MaxAffectedRows', 'Most rows one statement may insert, update or delete; one that would write more is refused before its first write. 0 for no limit.', { type: 'integer', default: '1000' }),
  supported('Results', 'AllowFullTable', 'UPDATE and DELETE without WHERE may run.', FLAG),
  supported('Results', 'DryRun', 'Statements that write read their rows, send no write, and answer with the requests they would send.', FLAG),
  supported('Results', 'OnRowError', 'What a row that cannot be written does to its statement: stop sends no further row, continue writes the others and warns.', { default: 'stop', values: ['stop', 'continue'] }),
  supported('Results', 'OnMailboxError', 'What a mailbox that cannot be opened does to a statement over several: fail ends it, warn leaves the mailbox out with a warning.', { default: 'fail', values: ['fail', 'warn'] }),
  supported('Results', 'IncludeSubfolders', 'A condition on parentFolderId of Messages also means the folders below.', FLAG),
  // Miscellaneous
  moot('Miscellaneous', 'AlwaysRequestTableDependencies', 'columns are requested when a statement uses them', FLAG),
  supported('Miscellaneous', 'BatchSize', 'Most writes sent in one call, 1 to 20, as the service takes them; 0, and more than 20, are 20.', { type: 'integer', default: '0' }),
  supported('Miscellaneous', 'BodyType', 'How bodies of messages and events are shown: Best as they are stored; HTML and Text as the service converts them. body_contentType says which it is.', { default: 'Best', values: ['Best', 'HTML', 'Text'] }),
  moot('Miscellaneous', 'ConnectionLifeTime', 'connections are not pooled', { type: 'integer', default: '0' }),
  supported('Miscellaneous', 'ConnectOnOpen', 'connect() signs in and sends one request, so that it fails where a statement would. Default: the first statement does.', FLAG),
  later('Miscellaneous', 'DefaultGroups', 'it is not offered; name the group in the statement', { default: 'AllGroups' }),
  supported('Miscellaneous', 'DefaultUser', 'The mailbox to read where a statement names none, as UserId is: address or id of a user, or CurrentUser.', { default: 'CurrentUser' }),
  supported('Miscellaneous', 'DirectoryRetrievalDepth', 'Levels of folders that MailFolders and ContactFolders show, 1 the top one; a warning tells where there may be more. -1 for all.', { type: 'integer', default: '-1' }),
  later('Miscellaneous', 'GroupId', 'it is not offered; name the group in the statement'),
  supported('Miscellaneous', 'ImpersonationType', 'What ImpersonationUser is.', { default: 'PrincipalName', values: ['PrincipalName', 'SID', 'PrimarySmtpAddress', 'SmtpAddress'] }),
  supported('Miscellaneous', 'ImpersonationUser', 'User of Schema=EWS in whose name requests are made; UserId with an address does the same.'),
  moot('Miscellaneous', 'IncludeContent', 'content is read when a statement uses its column', FLAG),
  later('Miscellaneous', 'Other', 'hidden settings are not offered'),
  moot('Miscellaneous', 'UseConnectionPooling', 'connections are not pooled', FLAG),
  moot('Miscellaneous', 'PoolIdleTimeout', 'connections are not pooled', { type: 'integer', default: '60' }),
  moot('Miscellaneous', 'PoolMaxSize', 'connections are not pooled', { type: 'integer', default: '100' }),
  moot('Miscellaneous', 'PoolMinSize', 'connections are not pooled', { type: 'integer', default: '1' }),
  moot('Miscellaneous', 'PoolWaitTime', 'connections are not pooled', { type: 'integer', default: '60' }),
  moot('Miscellaneous', 'PseudoColumns', 'pseudo-columns are always there'),
  supported('Miscellaneous', 'Readonly', 'Statements and procedures that write or send are refused.', FLAG),
  moot('Miscellaneous', 'RTK', 'this driver needs no licence key', SECRET),
  moot('Miscellaneous', 'SupportEnhancedSQL', 'all of SQL is always available', { type: 'boolean', default: 'true' }),
  moot('Miscellaneous', 'UserDefinedViews', 'views of your own are not offered'),
  moot('Miscellaneous', 'UseClientSidePaging', 'pages are always followed', FLAG),
];

/** The form under which names are compared: without case, blanks, underscores and hyphens. */
export function foldName(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}

const BY_NAME = new Map<string, ConnectionProperty>(
  CONNECTION_PROPERTIES.flatMap((entry) => [entry.name, ...entry.aliases].map((name): [string, ConnectionProperty] => [foldName(name), entry])),
);

/** The property of a name in any spelling; undefined if there is none. */
export function findProperty(name: string): ConnectionProperty | undefined {
  return BY_NAME.get(foldName(name));
}

/** The known name closest to a misspelt one; undefined if none is close. */
export function suggestProperty(name: string): string | undefined {
  const [closest] = similarNames(foldName(name), [...BY_NAME.keys()], 1);
  return closest === undefined ? undefined : BY_NAME.get(closest)?.name;
}
