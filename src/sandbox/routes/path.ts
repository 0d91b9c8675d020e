/**
 * Owns: taking a request path apart into decoded segments, in one normal form.
 * Does not own: what the segments mean.
 * Invariants: `users('x')` and `users/x` become the same; deep folder paths are shortened to the folder they end in.
 */
import { badRequest } from '../graph-error.js';

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest('The request URI is not valid: it contains a malformed percent-encoding.');
  }
}

/** `/users('a%40b')/mailFolders/inbox` → `['users', 'a@b', 'mailFolders', 'inbox']`. */
export function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    if (raw === '') continue;
    const text = decode(raw);
    const reminders = /^(?:microsoft\.graph\.)?(reminderView)\(startDateTime='([^']*)',\s*endDateTime='([^']*)'\)$/i.exec(text);
    if (reminders !== null) {
      segments.push(...reminders.slice(1));
      continue;
    }
    const keyed = /^(\w+)\((?:\w+=)?'(.*)'\)$/s.exec(text);
    if (keyed !== null) segments.push(keyed[1]!, keyed[2]!.replaceAll("''", "'"));
    else segments.push(text.replace(/\(\)$/, '').replace(/^microsoft\.graph\.(delta)$/, '$1'));
  }
  return segments;
}

/** Owner-relative segments in their shortest form: a folder, calendar or list is named only once. */
export function shorten(segments: readonly string[]): readonly string[] {
  let rest = [...segments];
  for (;;) {
    const [first, second, third, fourth] = rest;
    if (first === 'outlook' || first === 'todo') rest = rest.slice(1);
    else if ((first === 'mailFolders' || first === 'contactFolders') && third === 'childFolders' && fourth !== undefined && fourth !== '$count') rest = [first, ...rest.slice(3)];
    else if (first === 'childFolders') rest = ['mailFolders', ...rest.slice(1)];
    else if (first === 'mailFolders' && third === 'messages' && fourth !== undefined && fourth !== '$count' && fourth !== 'delta') rest = ['messages', ...rest.slice(3)];
    else if (first === 'contactFolders' && third === 'contacts' && fourth !== undefined && fourth !== '$count' && fourth !== 'delta') rest = ['contacts', ...rest.slice(3)];
    else if (first === 'calendarGroups' && third === 'calendars' && fourth !== undefined && fourth !== '$count') rest = ['calendars', ...rest.slice(3)];
    else if (first === 'calendar') rest = ['calendars', '', ...rest.slice(1)];
    else if (first === 'calendars' && third === 'events' && second !== undefined && fourth !== undefined && fourth !== '$count' && fourth !== 'delta') rest = ['events', ...rest.slice(3)];
    else if (first === 'calendars' && third === 'calendarView' && fourth !== undefined && fourth !== '$count' && fourth !== 'delta') rest = ['events', ...rest.slice(3)];
    else if (first === 'calendarView' && second !== undefined && second !== '$count' && second !== 'delta') rest = ['events', ...rest.slice(1)];
    else if (first === 'events' && third === 'instances' && fourth !== undefined && fourth !== '$count' && fourth !== 'delta') rest = ['events', ...rest.slice(3)];
    else return rest;
  }
}

/** Matches `pattern` (`messages/:/attachments/:`), giving what stands for each `:`; undefined: no match. `action`: the last name may carry its namespace. */
export function matchPattern(pattern: readonly string[], segments: readonly string[], action = false): string[] | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: string[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const wanted = pattern[index]!;
    const given = action && index === pattern.length - 1 ? segments[index]!.replace(/^microsoft\.graph\./i, '') : segments[index]!;
    if (wanted === ':') {
      if (given.startsWith('$')) return undefined;
      parameters.push(given);
    } else if (wanted.toLowerCase() !== given.toLowerCase()) return undefined;
  }
  return parameters;
}
