import { expect, test } from 'vitest';
import { ApiError } from '../../../api/client.ts';
import { numberOf, sentence, wrongWith } from './wrong.ts';

const invalid = (message: string) => new ApiError(400, 'ValidationException', message);

test.each<[string, string[], Record<string, string>, boolean]>([
  ['name: must have from 1 to 256 bytes', ['name'], { name: 'Must have from 1 to 256 bytes.' }, false],
  ['rules.2.tags: "a b" is no pattern', ['rules', 'rules.2.tags'], { 'rules.2.tags': '"a b" is no pattern.' }, false],
  ['rules: must be from 1 to 100', ['rules', 'rules.1.tags'], { rules: 'Must be from 1 to 100.' }, false],
  ['name: "" must be of small letters', ['name'], { name: 'Must be of small letters.' }, false],
  ["1 validation error detected: Value at 'packagePaths.1.member' failed to satisfy constraint: Member must be a path", ['packagePaths'], { packagePaths: 'Member must be a path.' }, false],
  ['kmsKey: is unknown', ['name'], {}, true],
  ['There is a sink siem already.', ['name'], {}, true],
])('%s', (message, fields, want, rest) => {
  const wrong = wrongWith(invalid(message), fields);
  expect(Object.fromEntries(fields.flatMap((f) => (wrong.on(f) === undefined ? [] : [[f, wrong.on(f)]])))).toEqual(want);
  expect(wrong.rest !== undefined).toBe(rest);
});

test('no error', () => {
  expect(wrongWith(null, ['name']).on('name')).toBeUndefined();
  expect(wrongWith(null, ['name']).rest).toBeUndefined();
});

test('numbers', () => {
  expect(numberOf('minutes', ' 1,000 ')).toBe(1000);
  expect(numberOf('hours', '0.5')).toBe(0.5);
  expect(() => numberOf('minutes', 'x')).toThrow('minutes: must be a number');
  expect(() => numberOf('minutes', '')).toThrow('minutes: must be a number');
});

test('sentences', () => {
  expect(sentence('no such host')).toBe('No such host.');
  expect(sentence('Done!')).toBe('Done!');
  expect(sentence('')).toBe('');
});
