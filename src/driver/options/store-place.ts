import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StorePlace } from '../../auth/credential-spec.js';
import type { Reader } from './reader.js';

/** OAuthSettingsLocation; by default one file for each user of the machine, which connections share. */
export function storePlace(reader: Reader): StorePlace {
  const given = reader.text('OAuthSettingsLocation');
  const location = given === undefined ? defaultTokenFile() : /^~[\\/]/.test(given) ? join(homedir(), given.slice(2)) : given;
  return { location, passphrase: reader.text('OAuthSettingsPassphrase') };
}

export function defaultTokenFile(): string {
  return join(configurationFolder(), 'tokens.json');
}

/** XDG base directories on Unix, the roaming folder on Windows. */
export function configurationFolder(): string {
  const base = process.platform === 'win32' ? process.env['APPDATA'] : process.env['XDG_CONFIG_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.config') : base, 'exchange-sql');
}
