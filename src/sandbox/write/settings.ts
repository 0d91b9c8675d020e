/**
 * Owns: PATCH of mailboxSettings.
 * Does not own: acting on automatic replies.
 * Invariants: members that are objects are merged member by member; a zone is a Windows or IANA name and is kept as written.
 */
import type { Route } from '../context.js';
import { GraphError } from '../graph-error.js';
import { at, isObject, textAt, type Entity } from '../json.js';
import { shape } from '../present.js';
import type { Json, JsonObject } from '../writer.js';
import { isKnownZone } from '../zones/index.js';
import { readTime, timeMember, unknownZone } from './event-times.js';
import { invalidSet, readJson, readNested, transact, updated, type WriteRoute } from './index.js';

const READ_ONLY = new Set(['archiveFolder', 'userPurpose']);

const LOCALES: Readonly<Record<string, string>> = {
  'en-US': 'English (United States)', 'en-GB': 'English (United Kingdom)', 'de-DE': 'German (Germany)', 'fr-FR': 'French (France)', 'es-ES': 'Spanish (Spain)', 'nb-NO': 'Norwegian Bokmål (Norway)',
  'da-DK': 'Danish (Denmark)', 'sv-SE': 'Swedish (Sweden)', 'nl-NL': 'Dutch (Netherlands)', 'it-IT': 'Italian (Italy)', 'pl-PL': 'Polish (Poland)', 'hu-HU': 'Hungarian (Hungary)',
  'pt-BR': 'Portuguese (Brazil)', 'zh-CN': 'Chinese (Simplified, China)', 'ja-JP': 'Japanese (Japan)', 'ru-RU': 'Russian (Russia)', 'fi-FI': 'Finnish (Finland)',
};

const invalid = (name: string, value: Json | undefined): GraphError => new GraphError(400, 'ErrorInvalidArgument', `The value '${String(value)}' of '${name}' is not valid.`);

function checkZone(zone: Json | undefined): void {
  if (typeof zone !== 'string' || !isKnownZone(zone)) throw unknownZone(String(zone ?? ''));
}

/** The setting as it will be; a schedule needs both ends, in order. */
function automaticReplies(before: JsonObject, given: JsonObject): JsonObject {
  const times: Entity = {};
  for (const name of ['scheduledStartDateTime', 'scheduledEndDateTime'] as const) {
    if (given[name] !== undefined && given[name] !== null) times[name] = timeMember(readTime(given[name], `automaticRepliesSetting/${name}`));
  }
  const merged: JsonObject = { ...before, ...given, ...times };
  if (merged.status === 'scheduled') {
    const start = readTime(merged.scheduledStartDateTime ?? undefined, 'automaticRepliesSetting/scheduledStartDateTime');
    const end = readTime(merged.scheduledEndDateTime ?? undefined, 'automaticRepliesSetting/scheduledEndDateTime');
    if (end.ms <= start.ms) throw new GraphError(400, 'ErrorInvalidArgument', "'scheduledEndDateTime' must be after 'scheduledStartDateTime'.");
  }
  return merged;
}

function workingHours(before: JsonObject, given: JsonObject): JsonObject {
  if (given.timeZone !== undefined) checkZone(at(given, 'timeZone', 'name'));
  const merged: Record<string, Json> = { ...before, ...given };
  for (const name of ['startTime', 'endTime'] as const) {
    const text = textAt(merged, name) ?? '00:00:00';
    merged[name] = `${text.length === 5 ? `${text}:00` : text.slice(0, 8)}.0000000`;
  }
  if (String(merged.startTime) >= String(merged.endTime)) throw new GraphError(400, 'ErrorInvalidArgument', "'workingHours/endTime' must be after 'workingHours/startTime'.");
  return merged;
}

function language(given: JsonObject): JsonObject {
  const locale = textAt(given, 'locale') ?? '';
  const known = Object.keys(LOCALES).find((name) => name.toLowerCase() === locale.toLowerCase());
  if (known === undefined) throw invalid('language/locale', locale);
  return { locale: known, displayName: LOCALES[known] ?? '' };
}

const patch: Route = (context) => {
  const given = readNested(readJson(context), 'mailboxSettings');
  for (const name of Object.keys(given)) if (READ_ONLY.has(name)) throw invalidSet();
  const before = context.mailbox.settings;
  const after: Record<string, Json> = { ...before };
  const part = (name: string): JsonObject => (isObject(before[name]) ? before[name] : {});
  for (const [name, value] of Object.entries(given)) {
    if (value === null) throw invalid(name, value);
    if (name === 'automaticRepliesSetting' && isObject(value)) after[name] = automaticReplies(part(name), value);
    else if (name === 'workingHours' && isObject(value)) after[name] = workingHours(part(name), value);
    else if (name === 'language' && isObject(value)) after[name] = language(value);
    else {
      if (name === 'timeZone') checkZone(value);
      after[name] = value;
    }
  }
  return transact(context, () => {
    context.store.mailboxes.setSettings(context.mailbox.mailbox, after);
    // The answer has what was sent, as it is now.
    return updated(context, '/mailboxSettings', shape(after, 'mailboxSettings', new Set(Object.keys(given))));
  });
};

export const SETTINGS_WRITES: readonly WriteRoute[] = [['PATCH', 'mailboxSettings', patch]];
