/** A SandboxWriter that only remembers what it is given. */
import type { FolderHandle, JsonObject, MailboxWriter, NewEvent, NewMessage, SandboxWriter } from '../../../src/sandbox/writer.js';

export function recordingWriter() {
  const messages: { folder: string; message: NewMessage }[] = [];
  const events: { event: NewEvent }[] = [];
  const contacts: JsonObject[] = [];
  const tasks: JsonObject[] = [];
  const folders: string[] = [];
  const handle = (path: string): FolderHandle => (folders.includes(path) ? folders.indexOf(path) : folders.push(path) - 1);
  const nothing = (): void => undefined;
  const mailbox: MailboxWriter = {
    userPrincipalName: 'ada@contoso.example',
    mailFolder: handle,
    contactFolder: handle,
    calendar: handle,
    addMessage: (folder, message) => {
      messages.push({ folder: folders[folder]!, message });
    },
    addEvent: (_calendar, event) => {
      events.push({ event });
    },
    addContact: (_folder, entity) => {
      contacts.push(entity);
    },
    addCategory: nothing,
    addMessageRule: nothing,
    addTodoList: handle,
    addTodoTask: (_list, entity) => {
      tasks.push(entity);
    },
    addFile: nothing,
    setMailboxSettings: nothing,
  };
  const writer: SandboxWriter = {
    addMailbox: () => mailbox,
    mailbox: () => mailbox,
    addGroup: nothing,
    addRoomList: nothing,
    setOrganization: nothing,
    bulk: (work) => work(),
  };
  return { writer, mailbox, messages, events, contacts, tasks };
}
