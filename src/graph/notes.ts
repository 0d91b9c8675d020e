/**
 * Owns: facts of a mailbox that cost requests of their own and hold for the connection: ids of well-known folders, the
 * default calendar, folders found by path.
 * Invariants: each is asked once per mailbox and connection; folder names are found exactly first, then without case.
 */
import type { TableDeclaration } from '../catalog/table.js';
import type { FolderKind } from '../scan/source.js';
import { batchGet } from './batch.js';
import { isItemNotFound, isMalformedId } from './errors.js';
import type { GraphObject } from './client.js';
import { encodeSegment, withQuery } from './literal.js';
import { callOf, headersOf, mailboxOf, prefixOf } from './wire.js';
import type { Wire } from './wire.js';

/** Names Graph takes in place of a mail folder's id (facts 9, mailFolder). */
export const WELL_KNOWN = [
  'archive', 'clutter', 'conflicts', 'conversationhistory', 'deleteditems', 'drafts', 'inbox', 'junkemail', 'localfailures', 'msgfolderroot',
  'outbox', 'recoverableitemsdeletions', 'scheduled', 'searchfolders', 'sentitems', 'serverfailures', 'syncissues',
] as const;

const ROOTS: Readonly<Record<FolderKind, { readonly path: string; readonly hidden: boolean }>> = {
  mail: { path: '/mailFolders', hidden: true },
  contact: { path: '/contactFolders', hidden: false },
};

const MAILBOX: TableDeclaration = { name: 'mailbox', description: '', scope: 'mailbox', shape: { kind: 'singleton', path: '' }, key: [], columns: [] };

export class MailboxFacts {
  readonly #wellKnown = new Map<string, Promise<ReadonlyMap<string, string>>>();
  readonly #calendars = new Map<string, Promise<string | undefined>>();
  readonly #folders = new Map<string, Promise<string | undefined>>();

  /** Well-known name by folder id. */
  wellKnown(wire: Wire, mailbox: string | undefined): Promise<ReadonlyMap<string, string>> {
    return once(this.#wellKnown, mailbox ?? '', async () => {
      const prefix = prefixOf(MAILBOX, mailbox);
      const parts = WELL_KNOWN.map((name) => ({
        id: name,
        url: `${prefix}/mailFolders/${name}?$select=id`,
        headers: headersOf(MAILBOX, wire.idType),
        mailbox: mailboxOf(MAILBOX, mailbox),
      }));
      const results = await batchGet(wire.client, parts, { signal: wire.signal, statistics: wire.context.statistics, permission: wire.permission });
      const names = new Map<string, string>();
      for (const result of results) {
        // A mailbox need not have every well-known folder.
        if (result.error !== undefined) {
          if (isItemNotFound(result.error) || isMalformedId(result.error)) continue;
          throw result.error;
        }
        const id = idIn(result.body);
        if (id !== undefined) names.set(id, result.id);
      }
      return names;
    });
  }

  defaultCalendar(wire: Wire, mailbox: string | undefined): Promise<string | undefined> {
    return once(this.#calendars, mailbox ?? '', async () => {
      const { body } = await wire.client.get(`${prefixOf(MAILBOX, mailbox)}/calendar?$select=id`, callOf(wire, MAILBOX, mailbox));
      return idIn(body);
    });
  }

  /** Id of a folder by well-known name or path; undefined if there is none. */
  folder(wire: Wire, kind: FolderKind, name: string, mailbox: string | undefined): Promise<string | undefined> {
    const key = `${kind}\n${mailbox ?? ''}\n${name}`;
    return once(this.#folders, key, () => find(wire, kind, name, mailbox), (id) => id !== undefined);
  }
}

async function find(wire: Wire, kind: FolderKind, name: string, mailbox: string | undefined): Promise<string | undefined> {
  const prefix = prefixOf(MAILBOX, mailbox);
  const root = ROOTS[kind];
  const call = callOf(wire, MAILBOX, mailbox);
  const levels = name.split('/').filter((level) => level !== '');
  const first = levels[0];
  if (first === undefined) return undefined;
  const byAlias = async (alias: string): Promise<string | undefined> => {
    try {
      return idIn((await wire.client.get(`${prefix}${root.path}/${encodeSegment(alias)}?$select=id`, call)).body);
    } catch (error) {
      if (isItemNotFound(error) || isMalformedId(error)) return undefined;
      throw error;
    }
  };
  const alias = first.toLowerCase();
  const isAlias = kind === 'mail' && (WELL_KNOWN as readonly string[]).includes(alias);
  if (!name.startsWith('/')) {
    // The default contact folder is in no list; a contact in no named folder tells it (facts 1.3).
    if (kind === 'contact' && alias === 'contacts' && levels.length === 1) return defaultContactFolder(wire, mailbox);
    if (isAlias && levels.length === 1) return byAlias(alias);
  }
  let parent: string | undefined;
  for (const [depth, level] of levels.entries()) {
    const path: string = parent === undefined ? `${prefix}${root.path}` : `${prefix}${root.path}/${encodeSegment(parent)}/childFolders`;
    const children = await listFolders(wire, path, root.hidden, mailbox);
    const folded = level.toLowerCase();
    const match: GraphObject | undefined = children.find((folder) => folder['displayName'] === level) ?? children.find((folder) => String(folder['displayName']).toLowerCase() === folded);
    // In a mailbox of another language /Inbox is still what everybody calls it.
    const found: string | undefined = match === undefined ? (depth === 0 && isAlias ? await byAlias(alias) : undefined) : idIn(match);
    if (found === undefined) return depth === 0 && kind === 'contact' && alias === 'contacts' && levels.length === 1 ? defaultContactFolder(wire, mailbox) : undefined;
    parent = found;
  }
  return parent;
}

async function listFolders(wire: Wire, path: string, hidden: boolean, mailbox: string | undefined): Promise<GraphObject[]> {
  const options = [...(hidden ? [{ name: 'includeHiddenFolders', value: 'true' }] : []), { name: '$select', value: 'id,displayName' }, { name: '$top', value: '1000' }];
  const all: GraphObject[] = [];
  for await (const page of wire.client.pages(withQuery(path, options), callOf(wire, MAILBOX, mailbox))) all.push(...page.value);
  return all;
}

async function defaultContactFolder(wire: Wire, mailbox: string | undefined): Promise<string | undefined> {
  const page = await wire.client.getPage(`${prefixOf(MAILBOX, mailbox)}/contacts?$select=parentFolderId&$top=1`, callOf(wire, MAILBOX, mailbox));
  const id = page.value[0]?.['parentFolderId'];
  return typeof id === 'string' ? id : undefined;
}

function idIn(body: unknown): string | undefined {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** Remembers a successful answer; a failure is forgotten, so that the next statement asks again. */
function once<T>(cache: Map<string, Promise<T>>, key: string, ask: () => Promise<T>, keep: (answer: T) => boolean = () => true): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  cache.set(key, answer);
  answer.then(
    (value) => {
      if (!keep(value)) cache.delete(key);
    },
    () => cache.delete(key),
  );
  return answer;
}
