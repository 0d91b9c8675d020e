/**
 * Owns: what belongs to the whole company: directory, groups with their conversations, rooms, organization.
 * Does not own: anything inside a mailbox.
 * Invariants: the first mailbox made is the main one.
 */
import type { SandboxWriter } from '../writer.js';
import type { Dice } from './dice.js';
import { DOMAIN, ROOMS, SHARED, STAFF, WITHOUT_MAILBOX } from './people.js';
import { noteBody } from './texts.js';

const HOUR = 3_600_000;

export function fillTenant(writer: SandboxWriter): void {
  writer.setOrganization({
    displayName: 'Contoso (invented)', city: 'Oslo', country: 'Norway', countryLetterCode: 'NO', street: 'Kaigata 1', postalCode: '0150', preferredLanguage: 'en', tenantType: 'AAD',
    businessPhones: ['+47 555 0100'], technicalNotificationMails: [`it@${DOMAIN}`], createdDateTime: '2019-05-17T08:00:00Z',
    verifiedDomains: [{ capabilities: 'Email, OfficeCommunicationsOnline', isDefault: true, isInitial: true, name: DOMAIN, type: 'Managed' }],
  });
  for (const person of [...STAFF, SHARED, WITHOUT_MAILBOX, ...ROOMS]) writer.addMailbox(person.mailbox);
  const inOslo = ROOMS.filter((room) => room.place['building'] === 'Oslo HQ');
  writer.addRoomList('Oslo HQ', `rooms-oslo@${DOMAIN}`, inOslo.map((room) => room.place));
  writer.addRoomList("London, St James's", `rooms-london@${DOMAIN}`, ROOMS.filter((room) => !inOslo.includes(room)).map((room) => room.place));
}

/** `items`: with conversations. */
export function fillGroups(writer: SandboxWriter, dice: Dice, now: Date, items: boolean): void {
  const all = STAFF.map((person) => person.address);
  const posts = (count: number, daysAgo: number): { readonly from: string; readonly html: string; readonly at: Date }[] =>
    Array.from({ length: count }, (_, index) => ({ from: dice.pick(all), html: noteBody(dice, ['news', 'plan', 'canteen']), at: new Date(now.getTime() - daysAgo * 24 * HOUR + index * HOUR * dice.int(1, 9)) }));
  const conversations = (topics: readonly string[]): { readonly topic: string; readonly posts: ReturnType<typeof posts> }[] =>
    items ? topics.map((topic, index) => ({ topic, posts: posts(1 + (index % 4), 30 - index * 3) })) : [];
  writer.addGroup({ displayName: 'All of Contoso', mailNickname: 'everyone', description: 'Everybody, 100%', visibility: 'Public' }, [...all, WITHOUT_MAILBOX.address],
    conversations(['Welcome Юлия!', "It's summer party time 🎉", 'Canteen closed on Friday', 'Q4 "all hands" notes', '']));
  writer.addGroup({ displayName: 'Project Ærø', mailNickname: 'aeroe', description: null, visibility: 'Private' }, all.slice(0, 4), conversations(['Kick-off', 'Milestone 1 slipped', 'Re-plan']));
  writer.addGroup({ displayName: 'Sales & Marketing', mailNickname: 'sales', description: "Bo's team" }, [all[1] ?? '', SHARED.address], conversations(['Leads of the week']));
  writer.addGroup({ displayName: 'sg_Door access', mailNickname: 'sg-door', mailEnabled: false, securityEnabled: true, groupTypes: [], description: 'Security group' }, all.slice(2));
}
