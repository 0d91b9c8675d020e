import type { JsonObject } from '../writer.js';
export function occurrenceDates(_recurrence: JsonObject, start: string, first: string, last: string): string[] {
  const date = start.slice(0, 10);
  return date >= first && date <= last ? [date] : [];
}
