/**
 * Owns: getSchedule, findMeetingTimes, getMailTips: answers computed from several mailboxes (facts section 7).
 * Does not own: what is in the calendars.
 * Invariants: nothing is changed; of other people only their status shows, not what they do; who is not known is told so in his own entry.
 */
import { availabilityView, busyItems, statusIn, type BusyItem, type Status } from '../calendar/free-busy.js';
import { instantIn, localIn } from '../calendar/zoned.js';
import type { Context, Route } from '../context.js';
import { json } from '../exchange.js';
import { GraphError } from '../graph-error.js';
import { isObject, textAt, type Entity } from '../json.js';
import { deliverable } from '../meetings/copies.js';
import { calendarItem } from '../routes/lookup.js';
import type { Mailbox } from '../store/mailboxes.js';
import type { Json, JsonObject } from '../writer.js';
import { toLocal } from '../zones/index.js';
import { readTime, type LocalTime } from './event-times.js';
import { readParameters, type WriteRoute } from './index.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MOST_SCHEDULES = 20;
const LONGEST_DAYS = 62;

const invalid = (message: string): GraphError => new GraphError(400, 'ErrorInvalidParameter', message);

/** The time in the zone the client prefers. */
const shownTime = (context: Context, ms: number): JsonObject => ({ dateTime: localIn(ms, context.preferences.timeZone), timeZone: context.preferences.timeZone });

function hoursOf(mailbox: Mailbox): JsonObject {
  const hours = mailbox.settings.workingHours;
  return isObject(hours) ? hours : {};
}

const schedule: Route = (context, [id = '']) => {
  const given = readParameters(context, 'getSchedule', { schedules: '[String]', startTime: 'dateTimeTimeZone', endTime: 'dateTimeTimeZone', availabilityViewInterval: 'Int32' });
  calendarItem(context, id);
  const addresses = Array.isArray(given.schedules) ? given.schedules.map(String) : [];
  if (addresses.length === 0) throw invalid("The parameter 'Schedules' must name at least one address.");
  if (addresses.length > MOST_SCHEDULES) throw invalid(`The parameter 'Schedules' can name at most ${String(MOST_SCHEDULES)} addresses.`);
  const from = readTime(given.startTime, 'startTime').ms;
  const to = readTime(given.endTime, 'endTime').ms;
  if (to <= from) throw invalid("'EndTime' must be after 'StartTime'.");
  if (to - from > LONGEST_DAYS * DAY_MS) throw new GraphError(400, 'ErrorTimeIntervalTooBig', `The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit = ${String(LONGEST_DAYS)} days; the actual limit = ${String(Math.ceil((to - from) / DAY_MS))} days.`);
  const interval = typeof given.availabilityViewInterval === 'number' ? given.availabilityViewInterval : 30;
  if (interval < 5 || interval > 1440 || interval * MINUTE_MS > to - from) throw invalid("'AvailabilityViewInterval' must be between 5 and 1440 minutes and not longer than the time asked about.");
  const rows = addresses.map((address): Json => {
    const mailbox = deliverable(context.store, address);
    if (mailbox === undefined) {
      return { scheduleId: address, availabilityView: '', error: { message: `Unable to resolve e-mail address ${address} to an Active Directory object.`, responseCode: 'ErrorMailRecipientNotFound' }, scheduleItems: [], workingHours: null };
    }
    const items = busyItems(context.store, mailbox.mailbox, from, to);
    const own = mailbox.mailbox === context.mailbox.mailbox;
    return {
      scheduleId: address, availabilityView: availabilityView(items, from, to, interval), scheduleItems: items.map((item) => shownItem(context, item, own)), workingHours: hoursOf(mailbox),
    };
  });
  return json({ '@odata.context': `${context.request.root}/$metadata#Collection(microsoft.graph.scheduleInformation)`, value: rows }, rows.length);
};

/** Of others the default permission shows when, not what. */
const shownItem = (context: Context, item: BusyItem, own: boolean): Json => ({
  ...(own ? { isPrivate: item.isPrivate, subject: item.subject, location: item.location } : {}), status: item.status, start: shownTime(context, item.start), end: shownTime(context, item.end),
});

/** ISO 8601 durations of days, hours and minutes. */
function minutesOf(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?$/.exec(text);
  const minutes = match === null ? 0 : Number(match[1] ?? 0) * 1440 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  if (minutes < 1) throw invalid(`The value '${text}' of 'meetingDuration' is not a valid duration.`);
  return minutes;
}

/** The next full day within working hours, unless the client says when. */
function windows(context: Context, constraint: Json | undefined): readonly { readonly from: LocalTime['ms']; readonly to: LocalTime['ms'] }[] {
  const slots = isObject(constraint) && Array.isArray(constraint.timeSlots) ? constraint.timeSlots as readonly JsonObject[] : [];
  if (slots.length === 0) {
    const from = Math.ceil(context.store.clock.now() / (30 * MINUTE_MS)) * 30 * MINUTE_MS;
    return [{ from, to: from + 7 * DAY_MS }];
  }
  return slots.map((slot) => {
    const from = readTime(slot.start, 'timeSlots/start').ms;
    const to = readTime(slot.end, 'timeSlots/end').ms;
    if (to <= from) throw invalid('A time slot must end after it starts.');
    return { from, to };
  });
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function atWork(mailbox: Mailbox, from: number, to: number): boolean {
  const hours = hoursOf(mailbox);
  const zone = textAt(hours, 'timeZone', 'name') ?? 'UTC';
  const [start, end] = [toLocal(from, zone) ?? '', toLocal(to, zone) ?? ''];
  const day = WEEKDAYS[new Date(`${start.slice(0, 10)}T00:00:00Z`).getUTCDay()] ?? '';
  const days = Array.isArray(hours.daysOfWeek) ? hours.daysOfWeek : [];
  return days.includes(day) && start.slice(0, 10) === end.slice(0, 10) && start.slice(11, 19) >= String(hours.startTime).slice(0, 8) && end.slice(11, 19) <= String(hours.endTime).slice(0, 8);
}

const FREE = new Set<Status>(['free', 'workingElsewhere']);

const findTimes: Route = (context) => {
  const given = readParameters(context, 'findMeetingTimes', {
    attendees: '[attendeeBase]', locationConstraint: 'locationConstraint', timeConstraint: 'timeConstraint', meetingDuration: 'String', maxCandidates: 'Int32', isOrganizerOptional: 'Boolean',
    returnSuggestionReasons: 'Boolean', minimumAttendeePercentage: 'Double',
  });
  const minutes = typeof given.meetingDuration === 'string' ? minutesOf(given.meetingDuration) : 30;
  const wanted = typeof given.minimumAttendeePercentage === 'number' ? given.minimumAttendeePercentage : 50;
  if (wanted < 0 || wanted > 100) throw invalid("'minimumAttendeePercentage' must be between 0 and 100.");
  const most = typeof given.maxCandidates === 'number' ? given.maxCandidates : 20;
  if (most < 1) throw invalid("'maxCandidates' must be at least 1.");
  const spans = windows(context, given.timeConstraint);
  const anyHour = isObject(given.timeConstraint) && given.timeConstraint.activityDomain === 'unrestricted';
  const attendees = (Array.isArray(given.attendees) ? given.attendees as readonly JsonObject[] : []).map((attendee) => ({ attendee, mailbox: deliverable(context.store, textAt(attendee, 'emailAddress', 'address') ?? '') }));
  const [low, high] = [Math.min(...spans.map((span) => span.from)), Math.max(...spans.map((span) => span.to))];
  const busy = new Map([context.mailbox, ...attendees.map((one) => one.mailbox)].filter((mailbox) => mailbox !== undefined).map((mailbox) => [mailbox.mailbox, busyItems(context.store, mailbox.mailbox, low, high)]));
  const statusOf = (mailbox: Mailbox | undefined, from: number, to: number): Status => (mailbox === undefined ? 'unknown' : statusIn(busy.get(mailbox.mailbox) ?? [], from, to));
  const found: { readonly confidence: number; readonly from: number; readonly row: Entity }[] = [];
  for (const span of spans) {
    for (let from = span.from; from + minutes * MINUTE_MS <= span.to; from += 30 * MINUTE_MS) {
      const to = from + minutes * MINUTE_MS;
      if (!anyHour && !atWork(context.mailbox, from, to)) continue;
      const own = statusOf(context.mailbox, from, to);
      if (!FREE.has(own) && given.isOrganizerOptional !== true) continue;
      const availability = attendees.map(({ attendee, mailbox }): { readonly status: Status; readonly row: Json } => {
        const status = statusOf(mailbox, from, to);
        return { status, row: { attendee, availability: status } };
      });
      // Free counts whole, unknown half: that is how the confidence of the documentation's examples comes about.
      const confidence = availability.length === 0 ? 100 : availability.reduce((sum, one) => sum + (FREE.has(one.status) ? 1 : one.status === 'unknown' ? 0.49 : 0), 0) / availability.length * 100;
      if (confidence < wanted) continue;
      found.push({
        confidence, from,
        row: {
          confidence, organizerAvailability: own, suggestionReason: given.returnSuggestionReasons === true ? 'Suggested because it is one of the nearest times when all attendees are available.' : null,
          meetingTimeSlot: { start: shownTime(context, from), end: shownTime(context, to) }, attendeeAvailability: availability.map((one) => one.row), locations: [],
        },
      });
    }
  }
  const best = found.sort((left, right) => right.confidence - left.confidence || left.from - right.from).slice(0, most);
  return json({
    '@odata.context': `${context.request.root}/$metadata#microsoft.graph.meetingTimeSuggestionsResult`,
    emptySuggestionsReason: best.length > 0 ? '' : attendees.some((one) => one.mailbox === undefined) ? 'AttendeesUnavailableOrUnknown' : attendees.length === 0 ? 'OrganizerUnavailable' : 'AttendeesUnavailable',
    meetingTimeSuggestions: best.map((one, index) => ({ ...one.row, order: index + 1 })),
  });
};

const TIPS = ['automaticReplies', 'mailboxFullStatus', 'customMailTip', 'externalMemberCount', 'totalMemberCount', 'maxMessageSize', 'deliveryRestriction', 'moderationStatus', 'recipientScope', 'recipientSuggestions'];

function repliesOf(mailbox: Mailbox, now: number): JsonObject | undefined {
  const setting = mailbox.settings.automaticRepliesSetting;
  if (!isObject(setting) || setting.status === 'disabled') return undefined;
  const at = (name: string): number => instantIn(textAt(setting, name, 'dateTime') ?? '', textAt(setting, name, 'timeZone') ?? 'UTC');
  if (setting.status === 'scheduled' && (now < at('scheduledStartDateTime') || now >= at('scheduledEndDateTime'))) return undefined;
  return { message: setting.internalReplyMessage ?? '', messageLanguage: mailbox.settings.language ?? null };
}

const mailTips: Route = (context) => {
  const given = readParameters(context, 'getMailTips', { emailAddresses: '[String]', mailTipsOptions: 'String' });
  const addresses = Array.isArray(given.emailAddresses) ? given.emailAddresses.map(String) : [];
  if (addresses.length === 0) throw invalid("The parameter 'EmailAddresses' must name at least one address.");
  const options = String(given.mailTipsOptions ?? '').split(',').map((option) => option.trim()).filter((option) => option !== '');
  const known = options.map((option) => TIPS.find((tip) => tip.toLowerCase() === option.toLowerCase()));
  if (options.length === 0 || known.includes(undefined)) throw new GraphError(400, 'RequestBodyRead', `Cannot convert the literal '${String(given.mailTipsOptions ?? '')}' to the expected type 'microsoft.graph.mailTipsType'.`);
  const wants = new Set(known);
  const rows = addresses.map((address): Json => {
    const mailbox = deliverable(context.store, address);
    const group = context.store.mailboxes.find(address)?.kind === 'group' ? context.store.mailboxes.find(address) : undefined;
    const emailAddress = { name: mailbox?.entity.displayName ?? group?.entity.displayName ?? '', address };
    if (mailbox === undefined && group === undefined) {
      const row: Entity = { emailAddress };
      if (wants.has('recipientScope')) row.recipientScope = 'external';
      return { ...row, error: { message: `The recipient '${address}' could not be resolved.`, code: 'ErrorInvalidRecipients' } };
    }
    const row: Entity = { emailAddress };
    if (wants.has('automaticReplies')) row.automaticReplies = mailbox === undefined ? { message: '' } : repliesOf(mailbox, context.store.clock.now()) ?? { message: '' };
    if (wants.has('mailboxFullStatus')) row.mailboxFull = false;
    if (wants.has('customMailTip')) row.customMailTip = '';
    if (wants.has('externalMemberCount')) row.externalMemberCount = 0;
    if (wants.has('totalMemberCount')) row.totalMemberCount = group === undefined ? 0 : context.store.mailboxes.members(group.mailbox).length;
    if (wants.has('maxMessageSize')) row.maxMessageSize = 37_748_736;
    if (wants.has('deliveryRestriction')) row.deliveryRestricted = false;
    if (wants.has('moderationStatus')) row.isModerated = false;
    if (wants.has('recipientScope')) row.recipientScope = 'internal';
    return row;
  });
  return json({ '@odata.context': `${context.request.root}/$metadata#Collection(microsoft.graph.mailTips)`, value: rows }, rows.length);
};

/** Actions that compute an answer; scopes are those of reading (routes/methods.ts). */
export const SCHEDULE_ACTIONS: readonly WriteRoute[] = [
  ['POST', 'calendars/:/getSchedule', schedule],
  ['POST', 'findMeetingTimes', findTimes],
  ['POST', 'getMailTips', mailTips],
];
