/**
 * Owns: who there is: the people of the invented company and those they write to.
 * Does not own: their mailboxes' contents.
 * Invariants: every name and address is invented and below `.example`.
 */
import type { JsonObject, NewMailbox } from '../writer.js';

export interface Person {
  readonly name: string;
  readonly address: string;
}

export interface Colleague extends Person {
  readonly mailbox: NewMailbox;
}

export const DOMAIN = 'contoso.example';
const phone = (tail: string): string => `+47 555 01${tail}`;

function colleague(local: string, name: string, kind: NewMailbox['kind'], timeZone: string, entity: JsonObject): Colleague {
  const address = `${local}@${DOMAIN}`;
  return { name, address, mailbox: { userPrincipalName: address, displayName: name, kind, timeZone, entity } };
}

/** The first is the main mailbox; all have one. */
export const STAFF: readonly Colleague[] = [
  colleague('ada', 'Ada Lindqvist', 'user', 'W. Europe Standard Time', {
    givenName: 'Ada', surname: 'Lindqvist', jobTitle: 'Head of Operations', department: 'Operations', officeLocation: 'Oslo 4/12', mobilePhone: phone('01'),
    businessPhones: [phone('11')], city: 'Oslo', country: 'Norway', companyName: 'Contoso', preferredLanguage: 'nb-NO',
  }),
  colleague('bo', 'Bo Okafor', 'user', 'GMT Standard Time', {
    givenName: 'Bo', surname: 'Okafor', jobTitle: 'Sales Director', department: 'Sales & Marketing', officeLocation: 'London', mobilePhone: phone('02'),
    businessPhones: [phone('12'), phone('13')], city: 'London', country: 'United Kingdom', companyName: 'Contoso', preferredLanguage: 'en-GB',
  }),
  colleague('chen', '陈伟 (Chen Wei)', 'user', 'China Standard Time', {
    givenName: '伟', surname: '陈', jobTitle: 'Supply Chain Lead', department: 'Operations', officeLocation: null, mobilePhone: null, city: '上海', country: 'China', companyName: 'Contoso',
  }),
  colleague('dora', 'Dóra Kovács', 'user', 'Central Europe Standard Time', {
    givenName: 'Dóra', surname: 'Kovács', jobTitle: 'Accountant', department: 'Finance', officeLocation: 'Budapest 2', businessPhones: [phone('14')], city: 'Budapest', country: 'Hungary', companyName: 'Contoso',
  }),
  colleague('zoe', "Zoë O'Malley", 'user', 'Eastern Standard Time', {
    givenName: 'Zoë', surname: "O'Malley", jobTitle: 'Engineer, R&D', department: 'R&D', officeLocation: 'Boston "Annex"', mobilePhone: phone('05'), city: 'Boston', country: 'United States', companyName: 'Contoso',
  }),
  colleague('yulia', 'Юлия Смирнова', 'user', 'FLE Standard Time', {
    givenName: 'Юлия', surname: 'Смирнова', jobTitle: 'Designer', department: 'R&D', officeLocation: 'Helsinki', city: 'Helsinki', country: 'Finland', companyName: 'Contoso', preferredLanguage: 'ru',
  }),
];

export const SHARED: Colleague = colleague('support', 'Contoso Support ✉', 'shared', 'W. Europe Standard Time', { department: 'Support', jobTitle: null });

/** Known to the directory, without a mailbox. */
export const WITHOUT_MAILBOX: Colleague = colleague('kiosk07', 'Kiosk 07 (warehouse)', 'none', 'UTC', { jobTitle: 'Kiosk', department: 'Operations', officeLocation: 'Warehouse_B 100%' });

export interface Room extends Colleague {
  readonly place: JsonObject;
}

function room(local: string, name: string, building: string, capacity: number, floor: number, place: JsonObject = {}): Room {
  const made = colleague(local, name, 'room', 'W. Europe Standard Time', { jobTitle: null, officeLocation: building });
  return {
    ...made,
    place: {
      displayName: name, nickname: name, emailAddress: made.address, building, capacity, floorNumber: floor, floorLabel: String(floor), bookingType: 'standard',
      isWheelChairAccessible: floor === 1, phone: null, tags: [], ...place,
    },
  };
}

export const ROOMS: readonly Room[] = [
  room('room-fjord', 'Fjord', 'Oslo HQ', 12, 4, { tags: ['video', 'whiteboard'], videoDeviceName: 'Camera 1', address: { street: 'Kaigata 1', city: 'Oslo', state: null, countryOrRegion: 'Norway', postalCode: '0150' } }),
  room('room-atlas', 'Atlas (großer Saal)', 'Oslo HQ', 40, 1, { audioDeviceName: 'PA', geoCoordinates: { latitude: 59.91, longitude: 10.75 } }),
  room('room-kyoto', '京都', 'London', 4, 2, { bookingType: 'reserved' }),
];

const COMPANIES = ['fabrikam', 'adatum', 'northwind', 'tailspin', 'wingtip', 'litware', 'proseware', 'trey-research'] as const;
const COMPANY_NAMES: Readonly<Record<(typeof COMPANIES)[number], string>> = {
  fabrikam: 'Fabrikam AS', adatum: 'A. Datum & Sons', northwind: 'Northwind Traders', tailspin: 'Tailspin Toys "Ltd"', wingtip: "Wingtip's", litware: 'Litware 100%', proseware: 'Proseware_Inc', 'trey-research': 'Trey Research\\Labs',
};

/** Display name and mailbox name; two of them differ by letter case only. */
const OUTSIDERS: readonly (readonly [string, string])[] = [
  ["Seán O'Brien", 'sean.obrien'], ['Nguyễn Thị Hương', 'huong.nguyen'], ['محمد الهاشمي', 'm.alhashimi'], ['דנה לוי', 'dana.levi'], ['山田 太郎', 'yamada'],
  ['Müller, Jürgen', 'j.mueller'], ['Giulia "Giù" D\'Angelo', 'giulia.dangelo'], ['Łukasz Żółć', 'lukasz'], ['Αθηνά Παππάς', 'athina'], ['İpek Işık', 'ipek'],
  ['Anna Schmidt', 'anna.schmidt'], ['ANNA SCHMIDT', 'Anna.Schmidt2'], ['Kwame Mensah', 'kwame'], ['Priya Raghunathan', 'priya'], ['Jean-Luc Émond', 'jl.emond'],
  ['Siobhán Ní Dhomhnaill', 'siobhan'], ['박지훈', 'park.jihoon'], ['Lars Å. Bjørnsen', 'lars'], ['Mele Fonua 🌺', 'mele'], ['Olena Шевченко', 'olena'],
  ['Ana García_Peña', 'ana_garcia'], ['100% Print Shop', 'orders%40print'], ['Robert \\ Bob', 'bob'], ['Tomás Ó Sé', 'tomas'], ['สมชาย ใจดี', 'somchai'],
  ['Ivy Chen-O’Hara', 'ivy'], ['Ürgen Straße', 'urgen'], ['Rania El-Sayed', 'rania'], ['Peter Peter', 'peter'], ['Çağla Öz', 'cagla'],
];

export interface Outsider extends Person {
  readonly company: string;
}

export const CONTACTED: readonly Outsider[] = OUTSIDERS.map(([name, local], index) => {
  const company = COMPANIES[index % COMPANIES.length] as (typeof COMPANIES)[number];
  return { name, address: `${local.replace('%40', '.')}@${company}.example`, company: COMPANY_NAMES[company] };
});

/** Senders of bulk mail. */
export const NEWSLETTERS: readonly Person[] = [
  { name: 'Trey Research Weekly', address: 'news@trey-research.example' },
  { name: 'Wingtip Offers %%%', address: 'offers@wingtip.example' },
  { name: 'build-bot', address: 'noreply@ci.contoso.example' },
  { name: '', address: 'alerts@monitoring.example' },
];

export const recipient = (person: Person): JsonObject => ({ emailAddress: { name: person.name === '' ? person.address : person.name, address: person.address } });
