import { it } from 'vitest';
import { plan, scansOf } from './fixture.js';
it('x', () => {
  for (const sql of [
    "SELECT subject FROM Messages WHERE isRead = 0 AND size > 5 ORDER BY receivedDateTime DESC LIMIT 5 OFFSET 2",
    "SELECT count(*) FROM Messages WHERE isRead = 0",
    "SELECT m.subject, f.displayName FROM Messages m LEFT JOIN Folders f ON f.id = m.parentFolderId AND f.total > 3 AND m.isRead = 1 WHERE m.subject LIKE 'ab%' AND f.displayName IS NULL",
    "SELECT * FROM (SELECT subject AS s, size FROM Messages WHERE isRead) d WHERE s = 'x' AND size BETWEEN 1 AND 'y'",
    "WITH c(a,b) AS (SELECT size, subject FROM Messages) SELECT * FROM c WHERE a = 5 AND b <> 'x'",
    "SELECT * FROM Messages WHERE receivedDateTime > '2024-01-01 10:00' AND createdDateTime < '2024-01-01'",
    "SELECT * FROM Messages a JOIN Messages b ON a.conversationId = b.conversationId WHERE a.isRead = 1 AND b.size > 4",
    "SELECT * FROM Attachments WHERE messageId IN (SELECT id FROM Messages WHERE isRead = 1)",
    "SELECT * FROM Messages m JOIN Attachments a ON a.messageId = m.id WHERE m.id = 'k'",
    "SELECT 1 FROM Messages WHERE 1 = 0",
    "SELECT * FROM Messages WHERE SEARCH('a b') AND isRead = 1",
    "SELECT * FROM Messages WHERE (isRead = 1 OR size < 3) AND NOT isRead",
  ]) {
    const p = plan(sql);
    console.log(sql, '\n   ', scansOf(sql).join('\n    '), p.mode, JSON.stringify(p.candidates), '\n   ', p.sql === sql ? '' : p.sql, p.scans.flatMap(s=>s.lookups.map(l=>l.keysSql)).join(' ;; '));
  }
});
