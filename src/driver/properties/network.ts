/**
 * Owns: the properties of the way to the server: TLS, proxies and firewalls, headers, traces; Kerberos, which signs in at servers and proxies.
 */
import { FLAG, SECRET, supported, type ConnectionProperty } from './declare.js';

const CLIENT_CERT_TYPES = ['PFXFILE', 'PFXBLOB', 'PEMKEY_FILE', 'PEMKEY_BLOB', 'JKSFILE', 'JKSBLOB'];

export const NETWORK_PROPERTIES: readonly ConnectionProperty[] = [
  supported('Kerberos', 'KerberosKDC', 'Host of the key distribution center, with :port where it is not 88; several separated by commas. Default: what krb5.conf or DNS says.'),
  supported('Kerberos', 'KerberosRealm', 'Realm of the user, e.g. CONTOSO.EXAMPLE.'),
  supported('Kerberos', 'KerberosSPN', 'Service principal name of the server, HTTP/host or HTTP/host@REALM. Default: HTTP and the host of Server.'),
  supported('Kerberos', 'KerberosUser', 'Principal that signs in, where it is not User in KerberosRealm.'),
  supported('Kerberos', 'KerberosKeytabFile', 'Keytab with the key of the user, in place of Password.'),
  supported('Kerberos', 'KerberosServiceRealm', "Realm of the server, where it is not the user's."),
  supported('Kerberos', 'KerberosServiceKDC', 'Key distribution center of KerberosServiceRealm.'),
  supported('Kerberos', 'KerberosTicketCache', 'Ticket cache (FILE:path) that kinit has filled, in place of Password. Default: the one of this user, where neither Password nor KerberosKeytabFile is given.'),
  supported('SSL', 'SSLServerCert', 'The certificate that the server must show: its own or that of an authority, in PEM, as the path of a file or in base64; its public key; or its thumbprint (SHA-256, SHA-1, MD5). * accepts any. Default: any certificate of an authority that this machine trusts. Other hosts (the sign-in service) may also have a certificate of the usual authorities.'),
  supported('SSL', 'SSLCACert', 'Authorities to trust besides the usual ones: PEM text, or the path of a PEM file.'),
  supported('SSL', 'SSLMinVersion', 'Lowest version of TLS that is spoken.', { default: 'TLS1.2', values: ['TLS1.2', 'TLS1.3'] }),
  supported('SSL', 'SSLClientCert', 'Certificate with its private key that this side shows, where the server or a gateway asks for one.', SECRET),
  supported('SSL', 'SSLClientCertType', 'What SSLClientCert is: a path for the FILE types, the content for the BLOB types.', { default: 'PFXFILE', values: CLIENT_CERT_TYPES }),
  supported('SSL', 'SSLClientCertPassword', 'Password of SSLClientCert.', SECRET),
  supported('SSL', 'SSLClientCertSubject', 'Part of the subject of the certificate to take, where SSLClientCert holds several; * takes the first with a private key.', { default: '*' }),
  supported('Firewall', 'FirewallType', 'A proxy that every connection goes through: TUNNEL is an HTTP proxy that is asked for a tunnel even to http addresses, SOCKS4 and SOCKS5 resolve host names themselves.', { default: 'NONE', values: ['NONE', 'TUNNEL', 'SOCKS4', 'SOCKS5'] }),
  supported('Firewall', 'FirewallServer', 'Host of the proxy of FirewallType.'),
  supported('Firewall', 'FirewallPort', 'Its port; 0 is the usual one: 80 for TUNNEL, 1080 for SOCKS.', { type: 'integer', default: '0' }),
  supported('Firewall', 'FirewallUser', 'User name for the proxy of FirewallType.'),
  supported('Firewall', 'FirewallPassword', 'Password for the proxy of FirewallType; SOCKS4 has none.', SECRET),
  supported('Proxy', 'ProxyAutoDetect', 'Take the proxy that the environment names: HTTPS_PROXY (http_proxy for http addresses), ALL_PROXY, with the exceptions of NO_PROXY.', FLAG),
  supported('Proxy', 'ProxyServer', 'HTTP proxy: a host, or http://host:port; https:// speaks TLS to the proxy.'),
  supported('Proxy', 'ProxyPort', 'Port of ProxyServer.', { type: 'integer', default: '80' }),
  supported('Proxy', 'ProxyAuthScheme', 'How ProxyUser signs in at the proxy. NEGOTIATE takes the Kerberos properties. Without ProxyUser nothing is sent, unless it is NEGOTIATE.', { default: 'BASIC', values: ['BASIC', 'DIGEST', 'NONE', 'NEGOTIATE', 'NTLM', 'PROPRIETARY'], laterValues: ['PROPRIETARY'] }),
  supported('Proxy', 'ProxyUser', 'User name for ProxyServer; DOMAIN\\user for NTLM.'),
  supported('Proxy', 'ProxyPassword', 'Password for ProxyServer.', SECRET),
  supported('Proxy', 'ProxySSLType', 'AUTO: a tunnel to https addresses, TLS to the proxy where ProxyServer is https://. ALWAYS: TLS to the proxy. NEVER: no TLS to the proxy. TUNNEL: a tunnel to http addresses, too.', { default: 'AUTO', values: ['AUTO', 'ALWAYS', 'NEVER', 'TUNNEL'] }),
  supported('Proxy', 'ProxyExceptions', 'Hosts that are reached directly, separated by semicolons, commas or blanks: names (with the hosts below them), *.contoso.example, host:port, <local>.'),
  supported('Network', 'CustomHeaders', 'Headers added to each request to the service: Name: value, several separated by \\n.', SECRET),
  supported('Logging', 'Logfile', 'File that trace lines are appended to.'),
  supported('Logging', 'Verbosity', '1 failures and retries, 2 requests, 3 headers, 4 waiting and sign-in, 5 bodies. Tokens and secrets at no level.', { type: 'integer', default: '1', values: ['0', '1', '2', '3', '4', '5'] }),
  supported('Logging', 'LogModules', 'What Logfile has, separated by commas: HTTP (requests to the service), AUTH (signing in), WAIT (waiting and repeating). Default: all.'),
  supported('Logging', 'MaxLogFileSize', 'Size at which Logfile is put aside, with the time in its name, and a new one begun: 512KB, 100MB, 1GB; 0 for no limit.', { default: '100MB' }),
  supported('Logging', 'MaxLogFileCount', 'Log files kept, the current one included; the oldest are deleted. -1 keeps all.', { type: 'integer', default: '-1' }),
  supported('Logging', 'TraceFolder', 'Folder in which each statement writes a file of its requests to the service, bodies included, and one of its sign-in. Tokens and secrets are left out.'),
];
