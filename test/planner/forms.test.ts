import { describe, expect, it } from 'vitest';
import { plan, scansOf, translated } from './fixture.js';

/** Every form of statement with its scans, in the notation of fixture.ts; `constant`: no request. */
const FORMS: readonly (readonly [sql: string, scans: readonly string[]])[] = [
  ["SELECT id FROM Messages", ["Messages: "]],
  ["SELECT * FROM Messages", ["Messages: "]],
  ["SELECT count(*) FROM Messages", ["Messages: count"]],
  ["SELECT count(*), count(*) FROM Messages WHERE isRead = 1", ["Messages: isRead = 1; count"]],
  ["SELECT count(*) FROM Messages WHERE lower(subject) = 'x'", ["Messages: ?function-of-column"]],
  ["SELECT count(subject) FROM Messages", ["Messages: "]],
  ["SELECT id FROM Messages WHERE isRead", ["Messages: isRead = 1"]],
  ["SELECT id FROM Messages WHERE NOT isRead", ["Messages: isRead = 0"]],
  ["SELECT id FROM Messages WHERE isRead = TRUE AND isRead IS NOT FALSE", ["Messages: isRead = 1; ?negation"]],
  ["SELECT id FROM Messages WHERE isRead IS TRUE", ["Messages: isRead = 1"]],
  ["SELECT id FROM Messages WHERE size IS TRUE", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE isRead = 5", ["Messages: ?storage-class"]],
  ["SELECT id FROM Messages WHERE isRead = '1'", ["Messages: ?storage-class"]],
  ["SELECT id FROM Messages WHERE subject = 'it''s' AND subject = 'C:\\new'", ["Messages: subject = 'it's'; subject = 'C:\\new'"]],
  ["SELECT id FROM Messages WHERE 'x' = subject AND 5 < size", ["Messages: subject = 'x'; size > 5"]],
  ["SELECT id FROM Messages WHERE subject = 5", ["Messages: ?storage-class"]],
  ["SELECT id FROM Messages WHERE size = 'abc'", ["Messages: ?storage-class"]],
  ["SELECT id FROM Messages WHERE size > 3.5 AND score <= 2", ["Messages: size > 3.5; score <= 2"]],
  ["SELECT id FROM Messages WHERE size BETWEEN 1 AND 'x'", ["Messages: size >= 1 (part)"]],
  ["SELECT id FROM Messages WHERE size BETWEEN 1 AND 5", ["Messages: size >= 1; size <= 5"]],
  ["SELECT id FROM Messages WHERE size NOT BETWEEN 1 AND 5", ["Messages: (size < 1 | size > 5)"]],
  ["SELECT id FROM Messages WHERE size BETWEEN NULL AND 5", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE size = 1 << 1 + 1", ["Messages: size = 4"]],
  ["SELECT id FROM Messages WHERE size <> 5 AND importance <> 'low' AND subject <> 'x'", ["Messages: size <> 5; importance <> 'low'; ?negation"]],
  ["SELECT id FROM Messages WHERE size NOT IN (1, 2)", ["Messages: size <> 1; size <> 2"]],
  ["SELECT id FROM Messages WHERE size NOT IN (1, NULL)", ["Messages: ?negation"]],
  ["SELECT id FROM Messages WHERE subject NOT IN ('a')", ["Messages: ?negation"]],
  ["SELECT id FROM Messages WHERE id IN ('a', 'A', 'a', NULL)", ["Messages: id in 'a','A'"]],
  ["SELECT id FROM Messages WHERE id IN ('a')", ["Messages: id = 'a'"]],
  ["SELECT id FROM Messages WHERE id IN (NULL)", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE id IN ()", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE id NOT IN ()", ["Messages: "]],
  ["SELECT id FROM Messages WHERE subject = NULL", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE subject IS NULL", ["Messages: subject is null"]],
  ["SELECT id FROM Messages WHERE subject ISNULL OR subject NOTNULL", ["Messages: (subject is null | subject is not null)"]],
  ["SELECT id FROM Messages WHERE subject IS 'x'", ["Messages: subject = 'x'"]],
  ["SELECT id FROM Messages WHERE subject IS NOT 'x'", ["Messages: ?negation"]],
  ["SELECT id FROM Messages WHERE subject IS NOT DISTINCT FROM 'x'", ["Messages: subject = 'x'"]],
  ["SELECT id FROM Messages WHERE subject IS DISTINCT FROM NULL", ["Messages: subject is not null"]],
  ["SELECT id FROM Messages WHERE subject IS body", ["Messages: ?compares-columns"]],
  ["SELECT id FROM Messages WHERE subject LIKE 'ab%'", ["Messages: subject starts 'ab'"]],
  ["SELECT id FROM Messages WHERE subject LIKE 'ab'", ["Messages: subject starts 'ab' (part)"]],
  ["SELECT id FROM Messages WHERE subject LIKE 'a_b%'", ["Messages: subject starts 'a' (part)"]],
  ["SELECT id FROM Messages WHERE subject LIKE '%ab%'", ["Messages: subject has 'ab'"]],
  ["SELECT id FROM Messages WHERE subject LIKE '%'", ["Messages: ?pattern"]],
  ["SELECT id FROM Messages WHERE subject LIKE '50\\%%' ESCAPE '\\'", ["Messages: subject starts '50%'"]],
  ["SELECT id FROM Messages WHERE subject LIKE 'a%' ESCAPE 'xx'", ["Messages: ?pattern"]],
  ["SELECT id FROM Messages WHERE subject NOT LIKE 'a%'", ["Messages: ?negation"]],
  ["SELECT id FROM Messages WHERE subject LIKE NULL", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE size LIKE '5%'", ["Messages: ?storage-class"]],
  ["SELECT id FROM Messages WHERE subject GLOB 'ab*'", ["Messages: subject starts 'ab' cased"]],
  ["SELECT id FROM Messages WHERE subject GLOB '[ab]c*'", ["Messages: ?pattern"]],
  ["SELECT id FROM Messages WHERE subject GLOB 'a_b*'", ["Messages: subject starts 'a_b' cased"]],
  ["SELECT id FROM Messages WHERE subject = 'X' COLLATE NOCASE", ["Messages: ?collation"]],
  ["SELECT id FROM Messages WHERE subject COLLATE NOCASE = 'X'", ["Messages: ?collation"]],
  ["SELECT id FROM Messages WHERE lower(subject) = 'x'", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE subject || '' = 'x'", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE +size = 5", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE size + 1 = 5", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE CAST(size AS TEXT) = '5'", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE subject ->> 'x' = 'y'", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE size = random()", ["Messages: ?not-deterministic"]],
  ["SELECT id FROM Messages WHERE size = abs(-5) + length('abc')", ["Messages: size = 8"]],
  ["SELECT id FROM Messages WHERE subject = upper('x') || 'y'", ["Messages: subject = 'Xy'"]],
  ["SELECT id FROM Messages WHERE size = subject", ["Messages: ?compares-columns"]],
  ["SELECT id FROM Messages WHERE size = 1 OR isRead = 1 AND subject = 'x'", ["Messages: (size = 1 | (isRead = 1 & subject = 'x'))"]],
  ["SELECT id FROM Messages WHERE subject = 'a' OR subject = 'b'", ["Messages: subject in 'a','b'"]],
  ["SELECT id FROM Messages WHERE size = 1 OR lower(subject) = 'x'", ["Messages: ?or-not-pushable"]],
  ["SELECT id FROM Messages WHERE (size = 1 OR 1 = 0) AND (size = 2 OR 1)", ["Messages: size = 1"]],
  ["SELECT id FROM Messages WHERE NOT (size = 1 OR isRead = 1)", ["Messages: size <> 1; isRead <> 1"]],
  ["SELECT id FROM Messages WHERE NOT (size = 1 AND subject = 'x')", ["Messages: ?or-not-pushable"]],
  ["SELECT id FROM Messages WHERE (size, subject) = (1, 'x')", ["Messages: size = 1; subject = 'x'"]],
  ["SELECT id FROM Messages WHERE (size, subject) < (1, 'x')", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE (size, subject) IN ((1, 'x'))", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE CASE WHEN size = 1 THEN 1 END", ["Messages: ?function-of-column"]],
  ["SELECT id FROM Messages WHERE 0", ["Messages: never","constant"]],
  ["SELECT id FROM Messages WHERE 1 = 1", ["Messages: "]],
  ["SELECT id FROM Messages WHERE NULL", ["Messages: never","constant"]],
  ["SELECT id FROM Messages LIMIT 0", ["Messages: never","constant"]],
  ["SELECT id FROM Messages LIMIT 5", ["Messages: limit 5"]],
  ["SELECT id FROM Messages LIMIT 5, 2", ["Messages: limit 7"]],
  ["SELECT id FROM Messages LIMIT -1 OFFSET 3", ["Messages: "]],
  ["SELECT id FROM Messages LIMIT 2 + 3", ["Messages: limit 5"]],
  ["SELECT id FROM Messages WHERE lower(subject) = 'x' LIMIT 5", ["Messages: ?function-of-column; no limit: not-all-exact"]],
  ["SELECT id FROM Messages WHERE size BETWEEN 1 AND 'x' LIMIT 5", ["Messages: size >= 1 (part); no limit: not-all-exact"]],
  ["SELECT DISTINCT subject FROM Messages LIMIT 5", ["Messages: no limit: statement-shape"]],
  ["SELECT subject, count(*) FROM Messages GROUP BY subject LIMIT 5", ["Messages: no limit: statement-shape"]],
  ["SELECT max(size) FROM Messages LIMIT 5", ["Messages: no limit: statement-shape"]],
  ["SELECT row_number() OVER (ORDER BY size) FROM Messages LIMIT 5", ["Messages: no limit: statement-shape"]],
  ["SELECT id FROM Messages UNION SELECT id FROM Folders LIMIT 5", ["Messages: no limit: statement-shape","Folders: no limit: statement-shape"]],
  ["SELECT id FROM Messages WHERE size = 1 UNION ALL SELECT id FROM Folders WHERE total = 2", ["Messages: size = 1","Folders: total = 2"]],
  ["SELECT id FROM Messages ORDER BY size DESC, id LIMIT 5", ["Messages: order size desc, id; limit 5"]],
  ["SELECT size AS s FROM Messages ORDER BY s LIMIT 5", ["Messages: order size; limit 5"]],
  ["SELECT body AS subject FROM Messages ORDER BY subject LIMIT 5", ["Messages: order body; limit 5"]],
  ["SELECT subject, size FROM Messages ORDER BY 2 LIMIT 5", ["Messages: order size; limit 5"]],
  ["SELECT * FROM Messages ORDER BY 3 LIMIT 5", ["Messages: order size; limit 5"]],
  ["SELECT id FROM Messages ORDER BY lower(subject) LIMIT 5", ["Messages: no limit: order-is-local"]],
  ["SELECT id FROM Messages ORDER BY size COLLATE NOCASE LIMIT 5", ["Messages: no limit: order-is-local"]],
  ["SELECT id FROM Messages ORDER BY size NULLS LAST LIMIT 5", ["Messages: no limit: order-is-local"]],
  ["SELECT id FROM Messages ORDER BY size DESC NULLS LAST LIMIT 5", ["Messages: order size desc; limit 5"]],
  ["SELECT m.id FROM Messages m JOIN Folders f ON f.id = m.parentFolderId WHERE f.total = 3 AND m.isRead = 1", ["Folders: total = 3; lookup id after 1","Messages: isRead = 1; ?compares-columns"]],
  ["SELECT m.id FROM Messages m, Folders f WHERE f.id = m.parentFolderId AND f.displayName = 'x'", ["Folders: displayName = 'x'; ?compares-columns","Messages: lookup parentFolderId after 0"]],
  ["SELECT m.id FROM Messages m LEFT JOIN Folders f ON f.id = m.parentFolderId AND f.total = 3 AND m.isRead = 1 WHERE f.displayName IS NULL", ["Messages: ?compares-columns; ?preserved-side","Folders: total = 3; ?null-supplied; lookup id after 0"]],
  ["SELECT m.id FROM Messages m LEFT JOIN Folders f ON f.id = m.parentFolderId WHERE f.displayName = 'x'", ["Folders: displayName = 'x'; lookup id after 1","Messages: ?compares-columns"]],
  ["SELECT m.id FROM Messages m RIGHT JOIN Folders f ON f.id = m.parentFolderId AND f.total = 3 AND m.isRead = 1", ["Messages: isRead = 1; lookup parentFolderId after 1","Folders: ?compares-columns; ?preserved-side"]],
  ["SELECT m.id FROM Messages m FULL JOIN Folders f ON f.id = m.parentFolderId AND f.total = 3 WHERE m.isRead = 1 AND f.total IS NULL", ["Messages: isRead = 1; ?compares-columns","Folders: ?null-supplied; ?compares-columns; ?preserved-side"]],
  ["SELECT m.id FROM Messages m NATURAL JOIN Folders f WHERE displayName = 'x' AND f.total = 3", ["Folders: total = 3; ?not-readable","Messages: ?not-readable"]],
  ["SELECT m.id FROM Messages m JOIN Folders f USING (parentFolderId) WHERE parentFolderId = 'x' AND displayName = 'y'", ["Messages: ?not-readable","Folders: displayName = 'y'; ?not-readable"]],
  ["SELECT m.id FROM Messages m LEFT JOIN (Folders f JOIN Contacts c ON c.parentFolderId = f.id AND c.age = 1) ON f.id = m.parentFolderId", ["Contacts: age = 1; ?compares-columns","Folders: lookup id after 0; lookup id after 2","Messages: ?compares-columns"]],
  ["SELECT * FROM (SELECT subject AS s, size FROM Messages WHERE isRead = 1) d WHERE d.s = 'x' AND size > 3", ["Messages: subject = 'x'; size > 3; isRead = 1"]],
  ["SELECT * FROM (SELECT DISTINCT subject AS s FROM Messages) d WHERE d.s = 'x'", ["Messages: subject = 'x'"]],
  ["SELECT * FROM (SELECT subject AS s, count(*) AS n FROM Messages GROUP BY subject) d WHERE d.s = 'x'", ["Messages: ?statement-shape"]],
  ["SELECT * FROM (SELECT subject AS s FROM Messages LIMIT 5) d WHERE d.s = 'x'", ["Messages: ?statement-shape"]],
  ["SELECT * FROM (SELECT subject AS s FROM Messages UNION ALL SELECT displayName FROM Folders) d WHERE d.s = 'x'", ["Messages: ?statement-shape","Folders: ?statement-shape"]],
  ["SELECT * FROM (SELECT size, row_number() OVER () AS n FROM Messages) d WHERE size = 1", ["Messages: ?statement-shape"]],
  ["SELECT * FROM (SELECT a.size FROM Messages a, Messages b) d WHERE size = 1", ["Messages: ?statement-shape"]],
  ["WITH c(x, y) AS (SELECT size, subject FROM Messages) SELECT * FROM c WHERE x = 5 AND y = 'a'", ["Messages: size = 5; subject = 'a'"]],
  ["WITH c AS (SELECT id, size FROM Messages WHERE isRead = 1) SELECT * FROM c a JOIN c b ON a.id = b.id WHERE a.size = 5", ["Messages: isRead = 1; ?several-references; ?several-references"]],
  ["WITH RECURSIVE t(id, n) AS (SELECT id, 1 FROM Folders WHERE total = 1 UNION ALL SELECT f.id, n + 1 FROM Folders f JOIN t ON f.parentFolderId = t.id WHERE f.total > 2) SELECT * FROM t WHERE n = 5", ["Folders: (total = 1 | total > 2); ?several-references; ?several-references"]],
  ["SELECT id FROM Folders f WHERE EXISTS (SELECT 1 FROM Messages m WHERE m.parentFolderId = f.id AND m.isRead = 1 AND f.total = 3)", ["Folders: lookup id after 1","Messages: isRead = 1; ?correlated; ?correlated"]],
  ["SELECT id FROM Folders f WHERE NOT EXISTS (SELECT 1 FROM Messages m WHERE m.parentFolderId = f.id AND m.isRead = 1)", ["Folders: ?subquery","Messages: isRead = 1; lookup parentFolderId after 0"]],
  ["SELECT id FROM Messages WHERE parentFolderId IN (SELECT id FROM Folders WHERE displayName = 'x')", ["Messages: lookup parentFolderId after 1","Folders: displayName = 'x'"]],
  ["SELECT id FROM Messages WHERE parentFolderId NOT IN (SELECT id FROM Folders WHERE displayName = 'x')", ["Messages: ?subquery","Folders: displayName = 'x'"]],
  ["SELECT id FROM Messages WHERE parentFolderId IN (SELECT id FROM Folders LIMIT 3)", ["Messages: ?subquery","Folders: "]],
  ["SELECT id FROM Messages WHERE size = (SELECT max(total) FROM Folders)", ["Messages: ?subquery","Folders: "]],
  ["SELECT (SELECT count(*) FROM Attachments a WHERE a.messageId = m.id AND a.isInline = 0) FROM Messages m WHERE m.isRead = 1", ["Messages: isRead = 1","Attachments: isInline = 0; lookup messageId after 0"]],
  ["SELECT a.name, m.subject FROM Messages m JOIN Attachments a ON a.messageId = m.id WHERE m.isRead = 1", ["Messages: isRead = 1; ?compares-columns","Attachments: lookup messageId after 0"]],
  ["SELECT a.name, m.subject FROM Messages m LEFT JOIN Attachments a ON a.messageId = m.id", ["Messages: ?compares-columns","Attachments: lookup messageId after 0"]],
  ["SELECT c.email, m.subject FROM Contacts c JOIN Messages m ON m.userId = c.email", ["Contacts: ?compares-columns","Messages: lookup userId after 0 required"]],
  ["SELECT m.id FROM Messages m JOIN Attachments a ON a.messageId = m.id AND a.userId = m.userId WHERE m.userId = 'ann'", ["Messages: userId = 'ann'; ?compares-columns; ?compares-columns","Attachments: userId = 'ann' (part); ?compares-columns; lookup messageId after 0"]],
  ["SELECT a.id FROM Messages a JOIN Messages b ON a.id = b.conversationId WHERE a.isRead = 1 AND b.isRead = 1 AND b.size = 2", ["Messages: isRead = 1; ?compares-columns; ?several-references"]],
  ["SELECT subject, sum(size) FILTER (WHERE isRead = 1) FROM Messages WHERE size > 1 GROUP BY subject HAVING count(*) > 1", ["Messages: size > 1"]],
  ["SELECT t.TableName FROM sys_tables t", ["constant"]],
  ["SELECT m.id FROM Messages m JOIN json_each(m.categories) j WHERE j.value = 'x' AND m.size = 1", ["Messages: size = 1"]],
  ["VALUES (1), (2)", ["constant"]],
  ["SELECT 1", ["constant"]],
  ["SELECT id FROM Messages WHERE categories LIKE '%\"red\"%'", ["Messages: categories has '\"red\"'"]],
];

describe('scans of every form of statement', () => {
  it.each(FORMS)('%s', (sql, expected) => {
    const text = translated(sql);
    const { mode } = plan(text);
    expect([...scansOf(text), ...(mode === 'constant' ? ['constant'] : [])]).toEqual(expected);
  });
});

describe('columns', () => {
  const columnsOf = (sql: string): readonly string[] => plan(sql).scans.map(({ scan }) => `${scan.table} ${scan.reference}: ${scan.columns.join(', ')}`);

  it('are what the bytecode reads, canonical', () => {
    expect(columnsOf('SELECT SUBJECT FROM messages WHERE ISREAD = 1')).toEqual(['Messages messages: subject, isRead']);
    expect(columnsOf('SELECT count(*) FROM Messages')).toEqual(['Messages Messages: ']);
    expect(columnsOf('SELECT * FROM (SELECT * FROM Messages) d WHERE 1').join()).toContain('id, subject, size');
    expect(columnsOf('WITH c AS (SELECT * FROM Messages) SELECT subject FROM c')).toEqual(['Messages Messages: subject']);
  });

  it('are the union over a table named several times', () => {
    expect(columnsOf('SELECT a.subject, b.size FROM Messages a JOIN Messages b ON a.conversationId = b.id')).toEqual(['Messages Messages: id, subject, size, conversationId']);
  });

  it('have no rowid', () => {
    expect(() => plan('SELECT rowid FROM Messages')).toThrow(/rowid/);
  });
});

describe('with pushdown off', () => {
  const off = (sql: string): readonly string[] => scansOf(sql, { pushdown: false });

  it('only what chooses where rows are read goes down', () => {
    expect(off("SELECT id FROM Messages WHERE userId = 'ann' AND isRead = 1 AND IncludeSubfolders = 1")).toEqual(["Messages: userId = 'ann'; IncludeSubfolders = 1; ?pushdown-off"]);
    expect(off('SELECT m.id FROM Contacts c JOIN Messages m ON m.userId = c.email JOIN Attachments a ON a.messageId = m.id')).toEqual(['Contacts: ?compares-columns', 'Messages: ?compares-columns; lookup userId after 0 required', 'Attachments: ?compares-columns']);
  });
});

describe('userId', () => {
  it('bound differently for two uses of a table is bound to both', () => {
    expect(scansOf("SELECT a.id FROM Messages a JOIN Messages b ON a.subject = b.subject WHERE a.userId = 'ann' AND b.userId = 'bob' AND a.isRead = 1")[0]).toContain("userId in 'ann','bob' (part)");
  });

  it('bound for one use only is refused', () => {
    expect(() => plan("SELECT a.id FROM Messages a JOIN Messages b ON a.subject = b.subject WHERE a.userId = 'ann'")).toThrow(/userId is bound for some of them only/);
  });
});
