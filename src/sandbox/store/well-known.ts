/**
 * Owns: the folders every mailbox is born with, and their well-known names.
 * Does not own: folders people make.
 * Invariants: names are lower case; those under `top` are what GET /mailFolders lists.
 */
export interface StandardFolder {
  readonly wellKnown: string;
  readonly displayName: string;
  /** `root`: outside the visible tree. */
  readonly under: 'root' | 'msgfolderroot' | 'syncissues';
  readonly hidden?: boolean;
}

export const MAIL_FOLDERS: readonly StandardFolder[] = [
  { wellKnown: 'msgfolderroot', displayName: 'Top of Information Store', under: 'root' },
  { wellKnown: 'inbox', displayName: 'Inbox', under: 'msgfolderroot' },
  { wellKnown: 'drafts', displayName: 'Drafts', under: 'msgfolderroot' },
  { wellKnown: 'sentitems', displayName: 'Sent Items', under: 'msgfolderroot' },
  { wellKnown: 'deleteditems', displayName: 'Deleted Items', under: 'msgfolderroot' },
  { wellKnown: 'archive', displayName: 'Archive', under: 'msgfolderroot' },
  { wellKnown: 'junkemail', displayName: 'Junk Email', under: 'msgfolderroot' },
  { wellKnown: 'outbox', displayName: 'Outbox', under: 'msgfolderroot' },
  { wellKnown: 'conversationhistory', displayName: 'Conversation History', under: 'msgfolderroot' },
  { wellKnown: 'clutter', displayName: 'Clutter', under: 'msgfolderroot', hidden: true },
  { wellKnown: 'syncissues', displayName: 'Sync Issues', under: 'msgfolderroot', hidden: true },
  { wellKnown: 'conflicts', displayName: 'Conflicts', under: 'syncissues', hidden: true },
  { wellKnown: 'localfailures', displayName: 'Local Failures', under: 'syncissues', hidden: true },
  { wellKnown: 'serverfailures', displayName: 'Server Failures', under: 'syncissues', hidden: true },
  { wellKnown: 'recoverableitemsdeletions', displayName: 'Deletions', under: 'root', hidden: true },
  { wellKnown: 'scheduled', displayName: 'Scheduled', under: 'root', hidden: true },
  { wellKnown: 'searchfolders', displayName: 'Finder', under: 'root', hidden: true },
];

export const WELL_KNOWN_NAMES: ReadonlySet<string> = new Set(MAIL_FOLDERS.map((folder) => folder.wellKnown));
