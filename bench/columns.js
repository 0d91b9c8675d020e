/** The twelve columns both contestants read, and the properties they come from. */
export const COLUMNS = ['id', 'subject', 'receivedDateTime', 'sentDateTime', 'isRead', 'isDraft', 'hasAttachments', 'importance', 'from_emailAddress_name', 'from_emailAddress_address', 'conversationId', 'parentFolderId'];
export const PROPERTIES = [...new Set(COLUMNS.map((name) => name.split('_')[0]))];
export const SELECT = `SELECT ${COLUMNS.join(', ')} FROM Messages`;
