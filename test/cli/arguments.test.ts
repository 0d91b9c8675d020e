import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest, parseArguments, UsageError, type OptionSpec } from '../../src/cli/arguments.js';

const OPTIONS: OptionSpec = {
  text: { type: 'string', short: 't' },
  many: { type: 'string', short: 'm', multiple: true },
  flag: { type: 'boolean' },
  import: { type: 'string', multiple: true, paths: true },
  number: { type: 'string' },
};

test('every value comes back as it was given, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (values, positionals) => {
      const parsed = parseArguments([...values.map((value) => `--many=${value}`), '--', ...positionals], OPTIONS);
      expect(parsed.values('many')).toEqual(values);
      expect(parsed.positionals).toEqual(positionals);
    }),
  );
});

test('values may begin with a dash; a known option in their place means they were forgotten', () => {
  expect(parseArguments(['--text', '-5', '-m', '--x y'], OPTIONS).value('text')).toBe('-5');
  expect(() => parseArguments(['--text', '--flag'], OPTIONS)).toThrow('--text needs a value');
  expect(() => parseArguments(['--text'], OPTIONS)).toThrow('--text needs a value');
});

test('short options take their value stuck, after = or after a blank', () => {
  for (const args of [['-tx'], ['-t=x'], ['-t', 'x']]) expect(parseArguments(args, OPTIONS).value('text')).toBe('x');
});

test('paths after an option are its values as long as they exist', () => {
  const parsed = parseArguments(['--import', 'src', 'test', 'SELECT 1'], OPTIONS);
  expect(parsed.values('import')).toEqual(['src', 'test']);
  expect(parsed.positionals).toEqual(['SELECT 1']);
});

test('a statement that begins with a comment is no option', () => {
  expect(parseArguments(['-- note\nSELECT 1', '--note it'], OPTIONS).positionals).toEqual(['-- note\nSELECT 1', '--note it']);
});

test('wrong calls are usage errors', () => {
  expect(() => parseArguments(['--flga'], OPTIONS)).toThrow(new UsageError('unknown option --flga; did you mean --flag?'));
  expect(() => parseArguments(['--constructor'], OPTIONS)).toThrow('unknown option --constructor');
  expect(() => parseArguments(['-z'], OPTIONS)).toThrow('unknown option -z');
  expect(() => parseArguments(['--flag=1'], OPTIONS)).toThrow('--flag takes no value');
  expect(() => parseArguments(['--text', 'a', '--text', 'b'], OPTIONS)).toThrow('--text is given twice');
  for (const text of ['', '1.5', '-1', '0x10', '9'.repeat(20)]) expect(() => parseArguments([`--number=${text}`], OPTIONS).integer('number')).toThrow('--number takes a whole number from 0');
  expect(parseArguments(['--number=12'], OPTIONS).integer('number', 1)).toBe(12);
});

test('the nearest name, and none rather than a wild one', () => {
  expect(nearest('qurey', ['query', 'shell'])).toBe('query');
  expect(nearest('x', ['query', 'shell', 'd'])).toBe('d');
  expect(nearest('delete', ['query', 'shell'])).toBeUndefined();
});
