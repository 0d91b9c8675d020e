import { describe, expect, it } from 'vitest';
import { applyFolderIds, collectFolderNames } from '../../src/planner/index.js';
import type { SqlValue } from '../../src/scan/value.js';
import { judge, tableOf } from './fixture.js';

const collect = (sql: string, parameters: readonly SqlValue[] = []): ReturnType<typeof collectFolderNames> => collectFolderNames({ sql, judge, tables: tableOf, parameters: { positional: parameters, named: {} } });
const names = (sql: string, parameters?: readonly SqlValue[]): readonly string[] => collect(sql, parameters).folders.map(({ kind, name, mailboxes, isCall }) => `${kind} ${name}${isCall ? '()' : ''}${mailboxes.length === 0 ? '' : ` of ${mailboxes.join(',')}`}`);
const applied = (sql: string, ids: readonly string[] | undefined, parameters?: readonly SqlValue[]): string => applyFolderIds(sql, collect(sql, parameters), () => ids).text;

describe('folder names', () => {
  it.each([
    ["SELECT id FROM Messages WHERE parentFolderId = 'inbox'", ['mail inbox']],
    ["SELECT id FROM Messages WHERE parentFolderId = 'Inbox' AND subject = 'inbox'", ['mail inbox']],
    ["SELECT id FROM Messages WHERE parentFolderId IN ('inbox', 'AAMk', 'drafts')", ['mail inbox', 'mail drafts']],
    ["SELECT id FROM Messages WHERE parentFolderId <> 'deleteditems' OR 'inbox' = parentFolderId", ['mail deleteditems', 'mail inbox']],
    ["SELECT id FROM Contacts WHERE parentFolderId = 'contacts' OR parentFolderId = FOLDER('/Contacts/Old')", ['contact contacts', 'contact /Contacts/Old()']],
    ["SELECT id FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients') AND userId IN ('ann', 'bob')", ['mail /Inbox/Clients() of ann,bob']],
    ["SELECT FOLDER('/Inbox') FROM Messages WHERE userId = 'ann'", ['mail /Inbox() of ann']],
    ["SELECT d.p FROM (SELECT parentFolderId AS p FROM Messages) d WHERE d.p = 'inbox'", ['mail inbox']],
    ["SELECT id FROM Messages WHERE id IN (SELECT id FROM Folders WHERE id = 'inbox')", ['mail inbox']],
    ["SELECT id FROM Messages WHERE parentFolderId LIKE 'inbox' AND subject = 'drafts'", []],
    ["SELECT id FROM Folders WHERE displayName = 'inbox'", []],
  ])('%s', (sql, expected) => {
    expect(names(sql)).toEqual(expected);
  });

  it('may be parameters', () => {
    expect(names('SELECT id FROM Messages WHERE size = ? AND parentFolderId = ?', [1n, 'inbox'])).toEqual(['mail inbox']);
    expect(applied('SELECT id FROM Messages WHERE size = ? AND parentFolderId = ?', ['AA'], [1n, 'inbox'])).toBe("SELECT id FROM Messages WHERE size = ? AND parentFolderId = coalesce('AA', ?)");
  });

  it('become ids', () => {
    const sql = "SELECT id FROM Messages WHERE parentFolderId = 'inbox' AND isRead = 1";
    expect(applied(sql, ["A'a"])).toBe("SELECT id FROM Messages WHERE parentFolderId = 'A''a' AND isRead = 1");
    expect(applied(sql, ['A', 'B'])).toBe("SELECT id FROM Messages WHERE (parentFolderId IN ('A', 'B')) AND isRead = 1");
    expect(applied(sql, [])).toBe(sql);
    expect(applied(sql, undefined)).toBe(sql);
    expect(applied("SELECT id FROM Messages WHERE parentFolderId <> 'inbox'", ['A', 'B'])).toBe("SELECT id FROM Messages WHERE (parentFolderId NOT IN ('A', 'B'))");
    expect(applied("SELECT id FROM Messages WHERE parentFolderId IN ('x', 'inbox')", ['A', 'B'])).toBe("SELECT id FROM Messages WHERE parentFolderId IN ('x', 'A', 'B')");
    expect(applied("SELECT FOLDER('/Inbox') FROM Messages", ['A'])).toBe("SELECT 'A' FROM Messages");
  });

  it('stay for EXPLAIN', () => {
    expect(applied("SELECT id FROM Messages WHERE parentFolderId = FOLDER('/Inbox/Clients')", undefined)).toBe("SELECT id FROM Messages WHERE parentFolderId = '/Inbox/Clients'");
  });

  it('that do not exist, vary or cannot be known are refused', () => {
    expect(() => applied("SELECT id FROM Messages WHERE parentFolderId = FOLDER('/Nowhere')", [])).toThrow(/no folder \/Nowhere/);
    expect(() => collect('SELECT id FROM Messages WHERE parentFolderId = FOLDER(subject)')).toThrow(/one constant text/);
    expect(() => applied("SELECT FOLDER('/Inbox') FROM Messages", ['A', 'B'])).toThrow(/several folders/);
    expect(() => collect("SELECT m.id FROM Contacts c JOIN Messages m ON m.userId = c.email WHERE m.parentFolderId = 'inbox'")).toThrow(/comes from a join/);
  });
});
