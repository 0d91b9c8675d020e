/**
 * Owns: contacts in nested folders; their addresses are those of the mail's senders.
 * Does not own: who those are (people.ts).
 * Invariants: members nobody filled in are null.
 */
import type { JsonObject, MailboxWriter } from '../writer.js';
import type { Dice } from './dice.js';
import { CONTACTED, STAFF } from './people.js';
import type { Outsider } from './people.js';

const FOLDERS = ['/', '/', '/Clients', '/Clients/Key accounts', '/Suppliers', '/Clients/Key accounts/Élysée & Co'];

export function fillContacts(writer: MailboxWriter, dice: Dice, count: number): void {
  const handles = new Map([...new Set(FOLDERS)].map((path) => [path, writer.contactFolder(path)]));
  for (let index = 0; index < count; index++) {
    const person = CONTACTED[index % CONTACTED.length] as Outsider;
    const folder = handles.get(FOLDERS[index % FOLDERS.length] as string);
    if (folder !== undefined) writer.addContact(folder, contactOf(person, dice, Math.floor(index / CONTACTED.length)));
  }
  // One without any address, one who shares an address, one whose name differs by letter case only.
  const root = handles.get('/');
  if (root === undefined || count === 0) return;
  const first = CONTACTED[0] as Outsider;
  writer.addContact(root, { displayName: 'No Address', givenName: 'No', surname: 'Address', emailAddresses: [], businessPhones: [], personalNotes: 'reached by phone only; 100% "sure"' });
  writer.addContact(root, { displayName: first.name.toUpperCase(), givenName: null, surname: null, emailAddresses: [{ name: first.name, address: first.address.toUpperCase() }] });
  writer.addContact(root, { displayName: '', fileAs: 'nameless@proseware.example', emailAddresses: [{ name: null, address: 'nameless@proseware.example' }] });
}

function contactOf(person: Outsider, dice: Dice, round: number): JsonObject {
  const [given = '', ...rest] = person.name.split(' ');
  const addresses: JsonObject[] = [{ name: person.name, address: person.address }];
  if (dice.chance(0.4)) addresses.push({ name: `${person.name} (private)`, address: `private.${person.address.split('@')[0] ?? ''}@home.example` });
  if (dice.chance(0.1)) addresses.push({ name: person.name, address: `${person.address.split('@')[0] ?? ''}@old.example` });
  const suffix = round === 0 ? '' : ` (${round + 1})`;
  return {
    displayName: person.name + suffix, givenName: given, surname: rest.length === 0 ? null : rest.join(' '), fileAs: rest.length === 0 ? given : `${rest.join(' ')}, ${given}${suffix}`,
    emailAddresses: addresses, companyName: person.company, jobTitle: dice.chance(0.6) ? dice.pick(['Buyer', 'CFO', 'Head of "Things"', 'Инженер']) : null, department: dice.chance(0.3) ? 'R&D' : null,
    businessPhones: dice.chance(0.7) ? [`+1 555 01${dice.int(10, 99)}`] : [], homePhones: [], mobilePhone: dice.chance(0.5) ? `+44 7700 9001${dice.int(10, 99)}` : null,
    businessAddress: dice.chance(0.6) ? { street: `${dice.int(1, 200)} Harbour St.\r\nDoor "B"`, city: dice.pick(['Springfield', 'Ærøskøbing', '大阪']), state: null, countryOrRegion: dice.pick(['Denmark', 'Japan', 'Ireland']), postalCode: String(dice.int(1000, 9999)) } : {},
    birthday: dice.chance(0.3) ? `${dice.int(1955, 2001)}-0${dice.int(1, 9)}-1${dice.int(0, 9)}T11:59:00Z` : null, categories: dice.chance(0.2) ? ['Клиенты'] : [], imAddresses: dice.chance(0.1) ? [`sip:${person.address}`] : [],
    personalNotes: dice.chance(0.2) ? "Met at the fair; likes 'tea' & 50% discounts\r\n_underlined_" : '', spouseName: dice.chance(0.05) ? 'Sam' : null, manager: dice.chance(0.1) ? (STAFF[0]?.name ?? null) : null,
    children: dice.chance(0.05) ? ['Kim', "D'Arcy"] : [], nickName: dice.chance(0.1) ? `${given}_x` : null, businessHomePage: dice.chance(0.2) ? `https://${person.address.split('@')[1] ?? ''}/?q=100%25` : null,
  };
}
