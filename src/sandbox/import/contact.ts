/**
 * Owns: a vCard as a Graph contact entity.
 */
import type { JsonObject } from '../writer.js';
import { components, plainText, type Vcard, type VcardProperty } from './vcard.js';

export function readContact(card: Vcard): JsonObject {
  const all = (name: string): VcardProperty[] => card.properties.filter((property) => property.name === name);
  const text = (name: string): string | null => {
    const value = all(name)[0]?.value;
    return value === undefined || plainText(value) === '' ? null : plainText(value);
  };
  const [surname, givenName, middleName, title, generation] = components(all('N')[0]?.value ?? '');
  const [companyName, department] = components(all('ORG')[0]?.value ?? '');
  const emails = all('EMAIL').map(({ value }) => plainText(value).replace(/^mailto:/i, '')).filter((address) => address !== '');
  const displayName = text('FN') ?? ([givenName, surname].filter(Boolean).join(' ') || (emails[0] ?? companyName ?? ''));
  return {
    displayName,
    surname: orNull(surname),
    givenName: orNull(givenName),
    middleName: orNull(middleName),
    title: orNull(title),
    generation: orNull(generation),
    fileAs: displayName,
    nickName: text('NICKNAME'),
    companyName: orNull(companyName),
    department: orNull(department),
    jobTitle: text('TITLE'),
    profession: text('ROLE'),
    emailAddresses: emails.map((address) => ({ name: displayName, address })),
    ...phones(all('TEL')),
    businessAddress: address(all('ADR'), (types) => types.includes('WORK')),
    homeAddress: address(all('ADR'), (types) => types.includes('HOME')),
    otherAddress: address(all('ADR'), (types) => !types.includes('WORK') && !types.includes('HOME')),
    businessHomePage: text('URL'),
    imAddresses: [...all('IMPP'), ...all('X-AIM'), ...all('X-ICQ'), ...all('X-JABBER'), ...all('X-SKYPE')].map(({ value }) => plainText(value)),
    personalNotes: text('NOTE') ?? '',
    birthday: birthday(text('BDAY')),
    categories: all('CATEGORIES').flatMap(({ value }) => value.split(/(?<!\\),/).map(plainText)).filter((name) => name !== ''),
    spouseName: text('X-SPOUSE') ?? text('X-EVOLUTION-SPOUSE'),
    manager: text('X-MANAGER') ?? text('X-EVOLUTION-MANAGER'),
    assistantName: text('X-ASSISTANT') ?? text('X-EVOLUTION-ASSISTANT'),
  };
}

const orNull = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);

function phones(properties: readonly VcardProperty[]): JsonObject {
  const business: string[] = [];
  const home: string[] = [];
  let mobile: string | null = null;
  for (const { types, value } of properties) {
    const number = plainText(value).replace(/^tel:/i, '');
    if (number === '' || types.includes('FAX') || types.includes('PAGER')) continue;
    if (mobile === null && (types.includes('CELL') || types.includes('IPHONE'))) mobile = number;
    else if (types.includes('HOME')) home.push(number);
    else business.push(number);
  }
  return { businessPhones: business, homePhones: home, mobilePhone: mobile };
}

function address(properties: readonly VcardProperty[], wanted: (types: readonly string[]) => boolean): JsonObject {
  const found = properties.find(({ types }) => wanted(types));
  const [box, extended, street, city, state, postalCode, countryOrRegion] = components(found?.value ?? '');
  const lines = [box, extended, street].filter((line) => line !== undefined && line !== '').join('\n');
  return { street: orNull(lines), city: orNull(city), state: orNull(state), postalCode: orNull(postalCode), countryOrRegion: orNull(countryOrRegion) };
}

/** yyyy-mm-dd or yyyymmdd; a date without a year has no place in Graph's birthday. */
function birthday(text: string | null): string | null {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(text ?? '');
  if (match === null) return null;
  const date = new Date(`${match[1]!}-${match[2]!}-${match[3]!}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace('.000Z', 'Z');
}
