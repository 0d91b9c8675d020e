import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import { renderReference } from '../../src/catalog/reference.js';

describe('renderReference', () => {
  const catalog = loadCatalog('msgraph');
  const lines = renderReference(catalog).split('\n');

  it('has a section for every table and a line for every column', () => {
    for (const table of catalog.tables().filter((one) => one.aliasOf === undefined)) {
      const start = lines.indexOf(`## ${table.name}`);
      expect([table.name, start > 0]).toEqual([table.name, true]);
      const end = lines.findIndex((line, index) => index > start && line.startsWith('## '));
      const rows = lines.slice(start, end).filter((line) => /^\| [`*]/.test(line));
      expect(rows.map((line) => /\| [`*](\w+)/.exec(line)?.[1])).toEqual(table.columns.map((column) => column.name));
    }
  });

  it('shows what goes down, what can be written and what a column costs', () => {
    expect(lines).toContain("| `subject` | VARCHAR(255) | =~, LIKE 'x%'~ | ~ | cd | Subject line. |");
    expect(lines).toContain('| `receivedDateTime` | TIMESTAMP NOT NULL | =, < > | yes |  | When the message was received. |');
    expect(lines.some((line) => line.startsWith('| `contentBytes` + | VARBINARY |'))).toBe(true);
    expect(lines).toContain('Also as EventOccurrences.');
  });

  it('gives the reason for names that are not offered, and every table row has its cells', () => {
    expect(lines.some((line) => line.startsWith('| Plans | Planner is a service of its own'))).toBe(true);
    for (const line of lines.filter((text) => text.startsWith('| `'))) expect(line.replaceAll('\\|', '').split('|')).toHaveLength(8);
  });
});
