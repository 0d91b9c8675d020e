/**
 * Owns: an iCalendar file as Graph events and to-do tasks.
 * Does not own: parsing of single properties (ical.js), recurrence rules (calendar-rule.ts), zones (calendar-zones.ts).
 * Invariants: one broken line costs at most that line, one broken component at most that component; both are reported.
 */
import ICAL from 'ical.js';
import type { JsonObject, NewEvent } from '../writer.js';
import { expandUnmappable, graphRecurrence, ruleText } from './calendar-rule.js';
import { CalendarZones, type LocalTime } from './calendar-zones.js';
import { decodeText, unfold } from './text.js';

// Dates written without VALUE=DATE fail at use otherwise.
ICAL.design.strict = false;

export interface ReadEvent {
  readonly event: NewEvent;
  /** How many VEVENT components went into it (a series with its overrides). */
  readonly components: number;
  readonly label: string;
}

export interface ReadCalendarResult {
  readonly events: readonly ReadEvent[];
  readonly tasks: readonly JsonObject[];
  readonly problems: readonly { readonly where: string; readonly what: string }[];
}

interface Block {
  readonly name: string;
  readonly lines: string[];
  readonly line: number;
}

/** Extended property that keeps a rule Graph's patterns cannot hold. */
const RULE_PROPERTY = 'String {00020329-0000-0000-c000-000000000046} Name X-RRULE';

export function readCalendar(bytes: Uint8Array, now: Date, owner: string): ReadCalendarResult {
  const problems: { where: string; what: string }[] = [];
  const blocks = components(unfold(decodeText(bytes)));
  const zones = new CalendarZones();
  for (const block of blocks) {
    if (block.name === 'VTIMEZONE') zones.add(block.lines);
  }
  const parsed: Parsed[] = [];
  const tasks: JsonObject[] = [];
  for (const block of blocks) {
    const where = `line ${String(block.line)}`;
    if (block.name !== 'VEVENT' && block.name !== 'VTODO') continue;
    const component = parseComponent(block, (what) => problems.push({ where, what }));
    if (block.name === 'VTODO') {
      tasks.push(taskEntity(component, zones));
      continue;
    }
    if (component.getAllProperties().length === 0) {
      problems.push({ where, what: 'empty VEVENT: skipped' });
      continue;
    }
    const start = startOf(component, zones, now, (what) => problems.push({ where, what }));
    parsed.push({ component, start, where, uid: textOf(component, 'uid') ?? '' });
  }
  for (const name of zones.unknown) problems.push({ where: '', what: `time zone '${name}' is unknown: times taken as UTC` });
  if (blocks.length === 0) problems.push({ where: '', what: 'no calendar component found' });
  return { events: assemble(parsed, zones, now, owner, problems), tasks, problems };
}

/** Dates that stand in for a DTSTART that is missing or unreadable, the likeliest first. */
const STAND_INS = ['recurrence-id', 'rdate', 'dtend', 'dtstamp', 'created', 'last-modified'];

function startOf(component: ICAL.Component, zones: CalendarZones, now: Date, report: (what: string) => void): LocalTime {
  const start = zones.read(component.getFirstProperty('dtstart'));
  if (start !== undefined) return start;
  for (const name of STAND_INS) {
    const time = zones.read(component.getFirstProperty(name));
    if (time === undefined) continue;
    report(`VEVENT without a readable DTSTART: ${name.toUpperCase()} taken as its start`);
    return time;
  }
  report('VEVENT without any date: placed at the time of the import');
  const dateTime = now.toISOString().slice(0, 19);
  return { date: dateTime.slice(0, 10), allDay: false, instant: now.getTime(), graph: { dateTime, timeZone: 'UTC' } };
}

interface Parsed {
  readonly component: ICAL.Component;
  readonly start: LocalTime;
  readonly where: string;
  readonly uid: string;
}

/** VEVENT, VTODO and VTIMEZONE blocks with their nested ones inside; tolerant of missing END lines. */
function components(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  let depth = 0;
  lines.forEach((line, index) => {
    const begin = /^\s*BEGIN\s*:\s*([\w-]+)\s*$/i.exec(line)?.[1]?.toUpperCase();
    const end = /^\s*END\s*:\s*([\w-]+)\s*$/i.exec(line)?.[1]?.toUpperCase();
    if (begin !== undefined && (begin === 'VEVENT' || begin === 'VTODO' || begin === 'VTIMEZONE')) {
      open = { name: begin, lines: [line.trim()], line: index + 1 };
      depth = 1;
      blocks.push(open);
      return;
    }
    if (open === undefined) return;
    if (end === 'VCALENDAR') {
      close(open, depth);
      open = undefined;
      return;
    }
    open.lines.push(line);
    if (begin !== undefined) depth += 1;
    if (end !== undefined) depth -= 1;
    if (end === open.name || depth === 0) {
      close(open, end === open.name ? 0 : depth);
      open = undefined;
    }
  });
  if (open !== undefined) close(open, depth);
  return blocks;
}

function close(block: Block, depth: number): void {
  if (depth > 0) block.lines.push(`END:${block.name}`);
}

/** Parses the whole block; when that fails, line by line, leaving out and reporting what cannot be read. */
function parseComponent(block: Block, report: (what: string) => void): ICAL.Component {
  try {
    return new ICAL.Component(ICAL.parse(block.lines.join('\r\n')) as unknown[]);
  } catch {
    const component = new ICAL.Component(block.name.toLowerCase());
    let depth = 0;
    for (const line of block.lines.slice(1)) {
      if (/^\s*BEGIN\s*:/i.test(line)) depth += 1;
      else if (/^\s*END\s*:/i.test(line)) depth -= 1;
      else if (depth === 0) {
        try {
          component.addProperty(ICAL.Property.fromString(line.trim()));
        } catch {
          report(`unreadable line left out: ${line.trim().split(/[:;]/, 1)[0]!.slice(0, 40)}`);
        }
      }
    }
    return component;
  }
}

function assemble(parsed: readonly Parsed[], zones: CalendarZones, now: Date, owner: string, problems: { where: string; what: string }[]): ReadEvent[] {
  const masters = new Map<string, Parsed>();
  const overrides = new Map<Parsed, Parsed[]>();
  const singles: Parsed[] = [];
  for (const item of parsed) {
    if (item.component.getFirstProperty('recurrence-id') === null) {
      singles.push(item);
      if (item.component.getFirstProperty('rrule') !== null && !masters.has(item.uid)) masters.set(item.uid, item);
    }
  }
  for (const item of parsed) {
    if (item.component.getFirstProperty('recurrence-id') === null) continue;
    const master = masters.get(item.uid);
    if (master === undefined) singles.push(item);
    else overrides.set(master, [...(overrides.get(master) ?? []), item]);
  }
  const events: ReadEvent[] = [];
  for (const item of singles) {
    try {
      events.push(...eventsOf(item, overrides.get(item) ?? [], zones, now, owner, problems));
    } catch (error) {
      problems.push({ where: item.where, what: error instanceof Error ? error.message : String(error) });
    }
  }
  return events;
}

function eventsOf(item: Parsed, changed: readonly Parsed[], zones: CalendarZones, now: Date, owner: string, problems: { where: string; what: string }[]): ReadEvent[] {
  const entity = eventEntity(item, zones, owner);
  const rule = ruleText(item.component);
  const label = item.where;
  if (rule === undefined) return [{ event: { entity }, components: 1, label }];
  const recurrence = graphRecurrence(rule, item.start);
  if (recurrence === undefined) {
    const dates = expandUnmappable(rule, item.start, now);
    problems.push({ where: item.where, what: `recurrence rule kept as text and expanded to ${String(dates.length)} single events: ${rule.slice(0, 120)}` });
    const kept = [{ id: RULE_PROPERTY, value: rule }];
    return (dates.length === 0 ? [item.start.date] : dates).map((date, index) => ({
      event: { entity: index === 0 ? entity : movedTo(entity, item.start.date, date), extendedProperties: kept },
      components: index === 0 ? 1 + changed.length : 0,
      label,
    }));
  }
  const exceptions: { date: string; entity: JsonObject }[] = [];
  const cancelled = new Set<string>();
  for (const property of item.component.getAllProperties('exdate')) {
    for (const date of zones.readAll(property)) cancelled.add(date.date);
  }
  for (const override of changed) {
    const original = zones.read(override.component.getFirstProperty('recurrence-id'));
    if (original === undefined) continue;
    if (textOf(override.component, 'status')?.toUpperCase() === 'CANCELLED') cancelled.add(original.date);
    else exceptions.push({ date: original.date, entity: eventEntity(override, zones, owner) });
  }
  return [{ event: { entity: { ...entity, recurrence }, exceptions, cancelled: [...cancelled] }, components: 1 + changed.length, label }];
}

/** The same event on another day. */
function movedTo(entity: JsonObject, from: string, to: string): JsonObject {
  const shift = Date.parse(to) - Date.parse(from);
  const move = (value: unknown): JsonObject => {
    const { dateTime, timeZone } = value as { dateTime: string; timeZone: string };
    return { dateTime: new Date(Date.parse(`${dateTime}Z`) + shift).toISOString().slice(0, 19), timeZone };
  };
  return { ...entity, start: move(entity['start']), end: move(entity['end']) };
}

const PARTICIPATION: Readonly<Record<string, string>> = { ACCEPTED: 'accepted', DECLINED: 'declined', TENTATIVE: 'tentativelyAccepted' };
const ROLE: Readonly<Record<string, string>> = { 'OPT-PARTICIPANT': 'optional', 'NON-PARTICIPANT': 'resource' };
const SENSITIVITY: Readonly<Record<string, string>> = { PRIVATE: 'private', CONFIDENTIAL: 'confidential' };
const BUSY: Readonly<Record<string, string>> = { FREE: 'free', TENTATIVE: 'tentative', BUSY: 'busy', OOF: 'oof', WORKINGELSEWHERE: 'workingElsewhere' };

function eventEntity({ component, start }: Parsed, zones: CalendarZones, owner: string): JsonObject {
  const end = zones.read(component.getFirstProperty('dtend')) ?? zones.after(start, component.getFirstProperty('duration'));
  const location = textOf(component, 'location');
  const organizer = address(component.getFirstProperty('organizer'));
  const priority = Number(textOf(component, 'priority') ?? '5');
  const reminder = reminderMinutes(component);
  return {
    subject: textOf(component, 'summary') ?? '',
    body: body(component),
    start: start.graph,
    end: end.instant < start.instant ? start.graph : end.graph,
    isAllDay: start.allDay,
    location: { displayName: location ?? '' },
    organizer: { emailAddress: organizer ?? { name: owner, address: owner } },
    isOrganizer: organizer === undefined || organizer.address.toLowerCase() === owner.toLowerCase(),
    attendees: component.getAllProperties('attendee').flatMap((property) => {
      const emailAddress = address(property);
      if (emailAddress === undefined) return [];
      return [{ emailAddress, type: ROLE[parameter(property, 'role')] ?? 'required', status: { response: PARTICIPATION[parameter(property, 'partstat')] ?? 'none', time: null } }];
    }),
    categories: component.getAllProperties('categories').flatMap((property) => property.getValues().map(String)).filter((name) => name !== ''),
    importance: priority >= 1 && priority <= 4 ? 'high' : priority >= 6 ? 'low' : 'normal',
    sensitivity: SENSITIVITY[textOf(component, 'class')?.toUpperCase() ?? ''] ?? 'normal',
    showAs: BUSY[textOf(component, 'x-microsoft-cdo-busystatus')?.toUpperCase() ?? ''] ?? (textOf(component, 'transp')?.toUpperCase() === 'TRANSPARENT' ? 'free' : 'busy'),
    isCancelled: textOf(component, 'status')?.toUpperCase() === 'CANCELLED',
    isReminderOn: reminder !== undefined,
    reminderMinutesBeforeStart: reminder ?? 15,
    iCalUId: textOf(component, 'uid') ?? null,
    ...dated(component, zones, 'created', 'createdDateTime'),
    ...dated(component, zones, 'last-modified', 'lastModifiedDateTime'),
  };
}

function taskEntity(component: ICAL.Component, zones: CalendarZones): JsonObject {
  const due = zones.read(component.getFirstProperty('due'));
  const start = zones.read(component.getFirstProperty('dtstart'));
  const completed = zones.read(component.getFirstProperty('completed'));
  const status = textOf(component, 'status')?.toUpperCase();
  const state = completed !== undefined || status === 'COMPLETED' ? 'completed' : status === 'IN-PROCESS' ? 'inProgress' : 'notStarted';
  return {
    title: textOf(component, 'summary') ?? '',
    body: body(component),
    status: state,
    importance: 'normal',
    categories: component.getAllProperties('categories').flatMap((property) => property.getValues().map(String)),
    dueDateTime: due?.graph ?? null,
    startDateTime: start?.graph ?? null,
    completedDateTime: completed?.graph ?? null,
  };
}

function dated(component: ICAL.Component, zones: CalendarZones, name: string, member: string): JsonObject {
  const time = zones.read(component.getFirstProperty(name));
  return time === undefined ? {} : { [member]: new Date(time.instant).toISOString() };
}

function body(component: ICAL.Component): JsonObject {
  const html = textOf(component, 'x-alt-desc');
  return html === undefined ? { contentType: 'text', content: textOf(component, 'description') ?? '' } : { contentType: 'html', content: html };
}

function textOf(component: ICAL.Component, name: string): string | undefined {
  const value: unknown = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? undefined : String(value);
}

const parameter = (property: ICAL.Property, name: string): string => String(property.getFirstParameter(name) ?? '').toUpperCase();

function address(property: ICAL.Property | null): { name: string; address: string } | undefined {
  if (property === null) return undefined;
  const value = String(property.getFirstValue() ?? '').replace(/^mailto:/i, '').trim();
  const name = String(property.getFirstParameter('cn') ?? '').replace(/^"|"$/g, '');
  if (value === '' && name === '') return undefined;
  return { name: name === '' ? value : name, address: value };
}

function reminderMinutes(component: ICAL.Component): number | undefined {
  const trigger: unknown = component.getFirstSubcomponent('valarm')?.getFirstPropertyValue('trigger');
  if (!(trigger instanceof ICAL.Duration)) return undefined;
  return Math.max(0, Math.round(-trigger.toSeconds() / 60));
}
