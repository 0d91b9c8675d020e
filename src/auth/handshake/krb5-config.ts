/**
 * Owns: the krb5.conf that the Kerberos properties of connections amount to: one file of the process, before the user's own.
 * Does not own: tickets or keys.
 * Invariants: KRB5_CONFIG is set once; the file is readable by its owner only and goes with the process; two connections cannot name
 * different KDCs for one realm.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExchangeSqlError } from '../../errors.js';

export interface KerberosRealms {
  /** Host, or host:port; several separated by blanks or commas. */
  readonly kdc?: string | undefined;
  readonly realm?: string | undefined;
  readonly serviceRealm?: string | undefined;
  readonly serviceKdc?: string | undefined;
  /** Host of the server, which belongs to the service's realm. */
  readonly host: string;
}

const realms = new Map<string, string>();
const hosts = new Map<string, string>();
let folder: string | undefined;

/** Makes the realms known to the Kerberos library. @throws ExchangeSqlError CONNECTION_STRING for contradictions and odd names. */
export function useRealms({ kdc, realm, serviceRealm, serviceKdc, host }: KerberosRealms): void {
  const before = `${[...realms].join()}|${[...hosts].join()}`;
  if (kdc !== undefined) {
    if (realm === undefined) throw new ExchangeSqlError('CONNECTION_STRING', 'KerberosKDC needs KerberosRealm.', { hint: 'Set KerberosRealm to the realm of the user, e.g. CONTOSO.EXAMPLE.' });
    addRealm(realm, kdc, 'KerberosKDC');
  }
  if (serviceKdc !== undefined) {
    if (serviceRealm === undefined) throw new ExchangeSqlError('CONNECTION_STRING', 'KerberosServiceKDC needs KerberosServiceRealm.', { hint: 'Set KerberosServiceRealm to the realm of the server.' });
    addRealm(serviceRealm, serviceKdc, 'KerberosServiceKDC');
  }
  const own = serviceRealm ?? (kdc === undefined ? undefined : realm);
  if (own !== undefined) hosts.set(word(host.toLowerCase(), 'Server'), word(own, 'KerberosServiceRealm'));
  if (`${[...realms].join()}|${[...hosts].join()}` !== before) write();
}

function addRealm(realm: string, kdc: string, property: string): void {
  const name = word(realm, 'KerberosRealm');
  const servers = kdc.split(/[\s,]+/).filter((one) => one !== '').map((one) => word(one, property)).join(' ');
  const known = realms.get(name);
  if (known !== undefined && known !== servers) {
    throw new ExchangeSqlError('CONNECTION_STRING', `${property} names another KDC for ${name} than an open connection of this process does.`, { hint: 'Kerberos knows one set of KDCs for a realm in one process; use the same.' });
  }
  realms.set(name, servers);
}

/** A line break or brace would be a line of its own in the file. */
function word(text: string, property: string): string {
  if (/^[A-Za-z0-9._:[\]/-]+$/.test(text)) return text;
  throw new ExchangeSqlError('CONNECTION_STRING', `${property} has characters that no host or realm has.`, { hint: 'Letters, digits, dots and hyphens, and a port after a colon.' });
}

/** Also named as the primary: else the library asks DNS after each answer whether it came from there, and waits seconds where nobody answers. */
const entries = (server: string): string[] => [`  kdc = ${server}`, `  primary_kdc = ${server}`, `  master_kdc = ${server}`];

function write(): void {
  const first = folder === undefined;
  folder ??= mkdtempSync(join(tmpdir(), 'exchange-sql-krb5-'));
  const path = join(folder, 'krb5.conf');
  const lines = [
    '[libdefaults]', ' dns_canonicalize_hostname = false', ' rdns = false', ' udp_preference_limit = 1',
    '[realms]', ...[...realms].flatMap(([realm, servers]) => [` ${realm} = {`, ...servers.split(' ').flatMap(entries), ' }']),
    '[domain_realm]', ...[...hosts].map(([host, realm]) => ` ${host} = ${realm}`), '',
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o600 });
  if (!first) return;
  const made = folder;
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  // The library reads the files in order; what ours does not say, the machine's does.
  process.env['KRB5_CONFIG'] = `${path}:${process.env['KRB5_CONFIG'] ?? '/etc/krb5.conf'}`;
}
