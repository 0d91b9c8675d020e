/** Awkward texts, names and addresses: they differ by case or accent only, hold quotes and wildcards, or are not there. */
import type { JsonObject } from '../../../src/sandbox/writer.js';

export const TEXTS: readonly (string | null)[] = [
  'Budget', 'BUDGET', 'budget', 'Budget 2026', 'budget 2026 final', "O'Brien's plan", '100% done', '50%', 'a_b', 'axb', 'x "quoted" y', 'C:\\new\\table', 'Äpfel & Birnen', 'äPFEL & birnen', '😀 party 🎉',
  'Straße', 'STRASSE', 'İstanbul', 'istanbul', '  leading', 'trailing  ', '5', '3.5', '0', 'null', 'true', '', null, '#1 + 2/3?', "'; DROP TABLE Messages; --", 'line one\nline two', 'tab\there', '日本語の件名', 'שלום', 'cafe\u0301', 'café', 'CAFÉ',
  '[EXT] Re: Budget', 'a*b', 'a?b', 'é', 'É', '%', '_', '&$top=1', '%27 or 1 eq 1', '𝔘nicode', '(x or y)',
];
export const NAMES: readonly (string | null)[] = ['Ada Lind', 'ADA LIND', "Zoë O'Neil", 'zoë o\'neil', 'Ben Okafor', 'ben okafor', 'Émile', 'émile', 'Dora "D" Novak', null, '', '李伟', 'a%b', '5'];
export const ADDRESSES: readonly string[] = ['ada.lind@contoso.example', 'Ada.Lind@Contoso.Example', 'ben.okafor@contoso.example', "o'neil@fabrikam.example", "O'NEIL@fabrikam.example", 'zoë@fabrikam.example', 'ZOË@fabrikam.example', 'x_y@fabrikam.example', 'xay@fabrikam.example', '100%@fabrikam.example', 'a+b@fabrikam.example'];
export const CATEGORIES: readonly (readonly string[])[] = [[], ['Red'], ['RED'], ['Red', 'Blue category'], ["Ann's"], ['Grün'], ['GRÜN'], ['50%'], ['a"b'], ['\\']];

export const at = <T>(list: readonly T[], index: number): T => list[((index % list.length) + list.length) % list.length]!;
export const HOUR = 3_600_000;
export const day = (index: number, hour = 8): Date => new Date(Date.UTC(2026, 0, 5 + index, hour));
export const recipient = (index: number): JsonObject => ({ emailAddress: { name: at(NAMES, index), address: at(ADDRESSES, index * 3 + 1) } });
export const recipients = (index: number, count: number): readonly JsonObject[] => Array.from({ length: count }, (_, k) => recipient(index + k * 5));
export const local = (date: Date): string => date.toISOString().slice(0, 19);
