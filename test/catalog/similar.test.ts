import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { similarNames } from '../../src/catalog/similar.js';

describe('similarNames', () => {
  it.each([
    ['Mesages', 'Messages'],
    ['message', 'Messages'],
    ['MESSAGES', 'Messages'],
    ['Evnets', 'Events'],
    ['mail_folders', 'MailFolders'],
  ])('takes %s for %s', (name, meant) => {
    expect(similarNames(name, ['Events', 'MailFolders', 'Messages', 'Users'])[0]).toBe(meant);
  });

  it('puts the nearest first and gives no more than asked', () => {
    expect(similarNames('subject', ['subjects', 'subject', 'subjec'], 2)).toEqual(['subject', 'subjects']);
  });

  it('does not guess wildly', () => {
    expect(similarNames('x', ['Messages'])).toEqual([]);
    expect(similarNames('', ['Messages'])).toEqual([]);
  });

  it('always finds a name with one letter changed', () => {
    const names = ['Messages', 'MailFolders', 'CalendarView', 'receivedDateTime'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom('x', 'q', '7'), (name, at, letter) => {
        const index = at % name.length;
        return similarNames(name.slice(0, index) + letter + name.slice(index + 1), names)[0] === name;
      }),
    );
  });
});
