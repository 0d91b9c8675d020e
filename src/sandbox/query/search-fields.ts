/**
 * Owns: what each KQL field of a message search looks at (facts 1.2).
 * Does not own: KQL.
 * Invariants: the entity is parsed once per row; a field that does not exist matches nothing.
 */
import { htmlToText } from '../html.js';
import { parseEntity, textAt } from '../json.js';
import type { Scope } from '../present.js';
import type { MessageRow } from '../store/messages.js';
import type { Json } from '../writer.js';
import type { SearchValue } from '../odata/search.js';

export function searchFields(row: MessageRow, scope: Scope): (field: string | undefined) => readonly SearchValue[] | undefined {
  const entity = parseEntity(row.entity);
  const names = (value: Json | undefined): string[] => {
    const list = Array.isArray(value) ? value as readonly Json[] : value === undefined || value === null ? [] : [value];
    return list.flatMap((recipient) => [textAt(recipient, 'emailAddress', 'name') ?? '', textAt(recipient, 'emailAddress', 'address') ?? '']).filter((text) => text !== '');
  };
  const subject = (): string => textAt(entity, 'subject') ?? '';
  const body = (): string => (entity.contentType === 'html' ? htmlToText(row.body ?? '') : row.body ?? '');
  const recipients = (): string[] => [...names(entity.toRecipients), ...names(entity.ccRecipients), ...names(entity.bccRecipients)];
  return (field) => {
    switch (field) {
      case undefined: return [...names(entity.from), subject(), body()];
      case 'attachment': return row.has_attachments === 0 ? [] : scope.store.attachments.of(row.n).map((file) => String(file.entity.name ?? ''));
      case 'bcc': return names(entity.bccRecipients);
      case 'body': return [body()];
      case 'cc': return names(entity.ccRecipients);
      case 'from': return names(entity.from);
      case 'hasattachment': case 'hasattachments': return [row.has_attachments === 1];
      case 'importance': return [textAt(entity, 'importance') ?? 'normal'];
      case 'kind': return [row.odata_type === null ? 'email' : 'meetings'];
      case 'participants': return [...names(entity.from), ...recipients()];
      case 'received': return [new Date(row.received)];
      case 'recipients': return recipients();
      case 'sent': return [new Date(row.sent)];
      case 'size': return [row.size];
      case 'subject': return [subject()];
      case 'to': return names(entity.toRecipients);
      default: return undefined;
    }
  };
}
