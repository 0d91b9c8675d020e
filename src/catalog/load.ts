/**
 * Owns: reading `schema/<protocol>/*.json` and `procedures/*.json` in it (and a user's folder of the same shape) into a Catalog.
 * Does not own: what a declaration must look like (check.ts), looking things up (catalog.ts).
 * Invariants: the same folders give the same catalog; an unusable file is an error that names file and member, never a missing table.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExchangeSqlError } from '../errors.js';
import { Catalog } from './catalog.js';
import { checkDeclaration, checkTogether, type DeclarationFile } from './check.js';
import { checkProcedure } from './procedure-check.js';
import type { ProcedureDeclaration } from './procedure.js';
import type { PrimaryKey } from './row-key-columns.js';

export { Catalog } from './catalog.js';

export type Protocol = 'msgraph' | 'ews';

export interface LoadOptions {
  /**
   * Folder with further tables (`Location=`): `*.json` directly in it, or in a folder of the protocol's name; procedures of one
   * request in `procedures/` there. A table or procedure of a known name replaces it.
   */
  readonly location?: string;
  /** What tables declare as their primary key. Default `composite`. */
  readonly primaryKey?: PrimaryKey;
}

/** `schema/` of this package: src/catalog and dist/catalog lie equally deep. */
const PACKAGE_SCHEMA = fileURLToPath(new URL('../../schema/', import.meta.url));

/**
 * The catalog of a protocol. Reads files synchronously, once per call.
 *
 * @throws ExchangeSqlError CONNECTION_STRING if `location` is no folder or one of its files is unusable; INTERNAL if a file
 * of the package is.
 * @example
 * loadCatalog('msgraph').table('messages')?.name; // 'Messages'
 */
export function loadCatalog(protocol: Protocol = 'msgraph', options: LoadOptions = {}): Catalog {
  const files = new Map<string, DeclarationFile>();
  const add = (found: readonly DeclarationFile[]): void => {
    for (const file of found) files.set(file.declaration.name.toLowerCase(), file);
  };
  add(readFolder(join(PACKAGE_SCHEMA, protocol), 'INTERNAL'));
  const own = options.location === undefined || options.location === '' ? undefined : userFolder(options.location, protocol);
  if (own !== undefined) add(readFolder(own, 'CONNECTION_STRING'));
  const all = [...files.values()];
  checkTogether(all);
  return new Catalog(protocol, all.map((file) => file.declaration), readProcedures(join(PACKAGE_SCHEMA, protocol), own), options.primaryKey);
}

function readProcedures(shipped: string, own: string | undefined): ProcedureDeclaration[] {
  const found = new Map<string, ProcedureDeclaration>();
  for (const [folder, code] of [[shipped, 'INTERNAL'], [own, 'CONNECTION_STRING']] as const) {
    const below = folder === undefined ? undefined : join(folder, 'procedures');
    if (below === undefined || !existsSync(below)) continue;
    for (const { file, value } of readFiles(below, code)) {
      const declaration = checkProcedure(file, value, code);
      const known = found.get(declaration.name.toLowerCase());
      // Code belongs to the names that are shipped; a file of one's own brings its request with it.
      if (code === 'CONNECTION_STRING' && declaration.request === undefined) throw new ExchangeSqlError(code, `${file}: the declaration lacks the member "request".`, { hint: 'A procedure of your own sends one request.' });
      if (known !== undefined && code === 'INTERNAL') throw new ExchangeSqlError(code, `${file}: procedure ${declaration.name} is declared already.`);
      found.set(declaration.name.toLowerCase(), declaration);
    }
  }
  return [...found.values()];
}

function userFolder(location: string, protocol: Protocol): string {
  const below = join(location, protocol);
  try {
    return statSync(below).isDirectory() ? below : location;
  } catch {
    return location;
  }
}

function readFiles(folder: string, code: 'INTERNAL' | 'CONNECTION_STRING'): { readonly file: string; readonly value: unknown }[] {
  let names: string[];
  try {
    // By code unit, so that the order does not depend on the file system or the locale.
    names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  } catch (cause) {
    const hint = code === 'CONNECTION_STRING' ? 'Location has to name a folder with table declarations (*.json).' : 'The package is incomplete; install it again.';
    throw new ExchangeSqlError(code, `The folder of table declarations ${folder} cannot be read.`, { hint, cause });
  }
  return names.map((name) => {
    const file = code === 'INTERNAL' ? `${basename(folder)}/${name}` : join(folder, name);
    return { file, value: parse(file, join(folder, name), code) };
  });
}

function readFolder(folder: string, code: 'INTERNAL' | 'CONNECTION_STRING'): DeclarationFile[] {
  const seen = new Map<string, string>();
  return readFiles(folder, code).map(({ file, value }) => {
    const declaration = checkDeclaration(file, value, code);
    const earlier = seen.get(declaration.name.toLowerCase());
    if (earlier !== undefined) throw new ExchangeSqlError(code, `${file}: table ${declaration.name} is declared in ${earlier} already.`);
    seen.set(declaration.name.toLowerCase(), file);
    return { file, code, declaration };
  });
}

function parse(file: string, path: string, code: 'INTERNAL' | 'CONNECTION_STRING'): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : 'cannot be read';
    throw new ExchangeSqlError(code, `${file} ${why}.`, { cause });
  }
}
