import { describe, expect, it } from 'vitest';
import { graphError, isItemNotFound, isMailboxError, isMalformedId, isNoMailbox, isTooComplex } from '../../src/graph/errors.js';
import type { GraphErrorContext } from '../../src/graph/errors.js';

const make = (status: number, code: string, context: GraphErrorContext = {}, message = 'words', inner: object = {}) =>
  graphError({ status, headers: { 'request-id': 'r-1' }, json: { error: { code, message, innerError: { 'request-id': 'r-2', ...inner } } } }, context);

describe('graphError', () => {
  it.each([
    [400, 'BadRequest', 'SERVICE'],
    [400, 'ErrorInvalidUrlQueryFilter', 'SERVICE'],
    [400, 'ErrorInvalidChangeKey', 'CONFLICT'],
    [401, 'InvalidAuthenticationToken', 'AUTHENTICATION'],
    [403, 'ErrorAccessDenied', 'PERMISSION'],
    [403, 'Authorization_RequestDenied', 'PERMISSION'],
    [404, 'ErrorItemNotFound', 'NOT_FOUND'],
    [404, 'MailboxNotEnabledForRESTAPI', 'MAILBOX'],
    [404, 'ErrorInvalidUser', 'MAILBOX'],
    [404, 'ErrorNonExistentMailbox', 'MAILBOX'],
    [404, 'ResourceNotFound', 'MAILBOX'],
    [409, 'ErrorFolderExists', 'DUPLICATE'],
    [400, 'ErrorFolderExists', 'DUPLICATE'],
    [412, 'ErrorIrresolvableConflict', 'CONFLICT'],
    [429, 'TooManyRequests', 'THROTTLED'],
    [500, 'ErrorInternalServerError', 'SERVICE'],
    [501, 'NotImplemented', 'NOT_SUPPORTED'],
    [503, 'ServiceUnavailable', 'THROTTLED'],
    [504, 'UnknownError', 'SERVICE'],
    [302, '', 'BAD_RESPONSE'],
  ])('%i %s is %s', (status, code, expected) => {
    expect(make(status, code)).toMatchObject({ code: expected, status, requestId: 'r-1', serviceCode: code === '' ? undefined : code });
  });

  it('names mailbox and permission', () => {
    const error = make(403, 'ErrorAccessDenied', { mailbox: 'bob@contoso.example', permission: 'Mail.Read' });
    expect(error.message).toContain("mailbox 'bob@contoso.example'");
    expect(error.hint).toContain('Mail.Read');
    expect(error.hint).toContain('bob@contoso.example');
    expect(make(403, 'Authorization_RequestDenied', { mailbox: null, permission: 'User.Read.All' }).message).toContain('directory');
    expect(make(404, 'MailboxNotEnabledForRESTAPI', { mailbox: 'bob' }).message).toContain("Mailbox 'bob'");
    expect(make(404, 'Request_ResourceNotFound', { mailbox: 'bob' }).code).toBe('MAILBOX');
    expect(make(404, 'Request_ResourceNotFound', { mailbox: null }).code).toBe('NOT_FOUND');
    expect(make(404, 'ResourceNotFound', { mailbox: null }).code).toBe('NOT_FOUND');
  });

  it('takes the precise inner code of a general outer one', () => {
    const error = make(400, 'invalidRequest', {}, 'x', { code: 'ErrorInvalidIdMalformed' });
    expect(error.serviceCode).toBe('ErrorInvalidIdMalformed');
    expect(isMalformedId(error)).toBe(true);
    expect(make(400, '', {}, 'x', { code: 'Inner' }).serviceCode).toBe('Inner');
  });

  it('recognises what the scan reacts to', () => {
    expect(isTooComplex(make(400, 'InefficientFilter'))).toBe(true);
    expect(isTooComplex(make(400, 'ErrorRestrictionTooComplex'))).toBe(true);
    expect(isTooComplex(make(400, 'BadRequest'))).toBe(false);
    expect(isTooComplex(new Error('InefficientFilter'))).toBe(false);
    expect(isItemNotFound(make(404, 'ErrorItemNotFound', { mailbox: 'x' }))).toBe(true);
    expect(isItemNotFound(make(404, 'ErrorInvalidUser'))).toBe(false);
    expect(isMailboxError(make(404, 'ErrorInvalidUser'))).toBe(true);
    expect(isMailboxError(make(403, 'ErrorAccessDenied'))).toBe(true);
    expect(isMailboxError(make(403, 'Authorization_RequestDenied'))).toBe(false);
    expect(isNoMailbox(make(403, 'ErrorAccessDenied'))).toBe(false);
    expect(isNoMailbox(make(404, 'MailboxNotEnabledForRESTAPI'))).toBe(true);
  });

  it('survives bodies that are no Graph errors', () => {
    for (const json of [undefined, null, 'text', 5, [], {}, { error: null }, { error: 'x' }, { error: { code: 5, message: [] } }]) {
      expect(graphError({ status: 400, headers: {}, json }).message).toBe('The service refused the request (HTTP 400).');
    }
  });

  it('takes control characters out of what the service says', () => {
    const error = make(400, 'Bad\u001b[2J', {}, 'one\u001b[31m two\u202e three\u0000');
    expect(error.message).toContain('one [31m two three');
    expect(`${error.message}${String(error.serviceCode)}`).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  it('cuts and redacts what the service says', () => {
    const { message } = make(400, 'BadRequest', {}, `no: Bearer abcdefgh.ijkl\n${'x'.repeat(1000)}`);
    expect(message).not.toContain('abcdefgh');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
  });
});
