/**
 * Owns: the list of procedures that are code, by declared name.
 * Does not own: the procedures that sign in (driver/sign-in/procedures.ts).
 * Invariants: every name is declared in schema/msgraph/procedures without a request (a test compares).
 */
import type { Catalog } from '../../catalog/catalog.js';
import { addAttachments, deleteAttachment, downloadAttachments } from './attachments.js';
import { setAutomaticReplies } from './automatic-replies.js';
import { getChanges } from './changes.js';
import { createSchema } from './create-schema.js';
import { assignLicense, fetchAdditionalUserFields } from './directory.js';
import { downloadEmail } from './download-email.js';
import { createFolder, downloadFile, uploadFile } from './drive.js';
import type { Script } from './effect.js';
import { respondToEvent, snoozeEventReminder } from './event.js';
import type { Inputs } from './inputs.js';
import { createFromMime, markAsRead, permanentDelete } from './mail.js';
import { forwardMail, replyToMessage } from './reply.js';
import { findMeetingTimes, getSchedule } from './schedule.js';
import { sendMail } from './send-mail.js';
import { createSubscription } from './subscription.js';
import { translateIds } from './translate-ids.js';

export const SCRIPTS: Readonly<Record<string, (inputs: Inputs, catalog: Catalog) => Script>> = {
  AddAttachments: addAttachments,
  AssignLicense: assignLicense,
  CreateFolder: createFolder,
  CreateFromMime: createFromMime,
  CreateSchema: createSchema,
  CreateSubscription: createSubscription,
  DeleteAttachment: deleteAttachment,
  DownloadAttachments: downloadAttachments,
  DownloadEmail: downloadEmail,
  DownloadFile: downloadFile,
  FetchAdditionalUserFields: fetchAdditionalUserFields,
  FindMeetingTimes: findMeetingTimes,
  ForwardMail: forwardMail,
  GetChanges: getChanges,
  GetSchedule: getSchedule,
  MarkAsRead: markAsRead,
  PermanentDelete: permanentDelete,
  ReplyToMessage: replyToMessage,
  RespondToEvent: respondToEvent,
  SendMail: sendMail,
  SetAutomaticReplies: setAutomaticReplies,
  SnoozeEventReminder: snoozeEventReminder,
  TranslateIds: translateIds,
  UploadFile: uploadFile,
};
