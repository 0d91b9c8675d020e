/**
 * Owns: named connection strings in a file of the user.
 * Invariants: the file is for its owner only; a string is shown without its secrets.
 */
import { join } from 'node:path';
import { readOwnFile, writeOwnFile, type OwnFile } from '../auth/store/own-file.js';
import { configurationFolder } from '../driver/options/store-place.js';
import { nearest, UsageError } from './arguments.js';

export type Profiles = Readonly<Record<string, string>>;

const file = (): OwnFile => ({ path: join(configurationFolder(), 'profiles.json'), label: 'the file of profiles', remedy: 'Set XDG_CONFIG_HOME to a folder that can be written.' });

/** Where they are kept, for messages. */
export const profilesPath = (): string => file().path;

export async function readProfiles(): Promise<Profiles> {
  const text = await readOwnFile(file());
  if (text === undefined) return {};
  try {
    const content = JSON.parse(text) as unknown;
    if (typeof content === 'object' && content !== null && Object.values(content).every((value) => typeof value === 'string')) return content as Profiles;
  } catch {
    // Told of below.
  }
  throw new UsageError(`${profilesPath()} is no file of profiles: a JSON object of names and connection strings`);
}

export async function writeProfiles(profiles: Profiles): Promise<void> {
  await writeOwnFile(file(), `${JSON.stringify(profiles, undefined, 2)}\n`);
}

export async function profileNamed(name: string): Promise<string> {
  const profiles = await readProfiles();
  if (Object.hasOwn(profiles, name)) return profiles[name]!;
  const near = nearest(name, Object.keys(profiles));
  throw new UsageError(`there is no profile '${name}'${near === undefined ? '' : `; did you mean '${near}'?`} (exchange-sql profile list)`);
}
