/** What 1,000 rows cost: at most 52 HTTP calls each way, the reads included. */
import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.js';
import { logged, open } from './office.js';

test('1,000 messages are inserted, updated, moved and deleted in at most 52 calls each', async () => {
  const sandbox = await startSandbox({ messages: 0, seed: 3 });
  const connection = await open(sandbox);
  onTestFinished(async () => {
    await connection.close();
    await sandbox.close();
  });
  const calls = async (sql: string): Promise<number> => {
    const { result, calls: sent } = await logged(sandbox, () => connection.query(sql));
    expect(result.affectedRows).toBe(1000);
    return sent.length;
  };
  const numbers = 'WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)';
  expect(await calls(`INSERT INTO Messages (subject, body_content) ${numbers} SELECT 'Row ' || i, 'Text ' || i FROM n`)).toBe(50);
  expect(await calls("UPDATE Messages SET importance = 'high', isRead = TRUE WHERE subject LIKE 'Row %'")).toBeLessThanOrEqual(52);
  expect(await calls("UPDATE Messages SET parentFolderId = 'archive' WHERE parentFolderId = 'drafts' AND changeKey IS NOT NULL")).toBeLessThanOrEqual(104);
  expect(await calls("DELETE FROM Messages WHERE parentFolderId = 'archive'")).toBeLessThanOrEqual(52);
}, 60_000);
