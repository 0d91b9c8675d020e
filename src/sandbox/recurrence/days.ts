/**
 * Owns: calendar arithmetic on day numbers (days since 1970-01-01).
 * Does not own: time zones.
 * Invariants: proleptic Gregorian calendar.
 */
const DAY = 86_400_000;

/** `month` is 1 to 12. */
export function dayNumber(year: number, month: number, day: number): number {
  if (year >= 100) return Date.UTC(year, month - 1, day) / DAY;
  const early = new Date(0);
  early.setUTCFullYear(year, month - 1, day);
  return early.getTime() / DAY;
}

export function civilOf(day: number): { readonly year: number; readonly month: number; readonly day: number } {
  const date = new Date(day * DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function daysInMonth(year: number, month: number): number {
  return dayNumber(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - dayNumber(year, month, 1);
}

/** 0 is Sunday. */
export const weekday = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** yyyy-mm-dd */
export const dateText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
