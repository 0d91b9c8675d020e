/** Answers of an Exchange server, as the documentation has them. */
const envelope = (body: string, header = ''): string =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${header === '' ? '' : `<s:Header>${header}</s:Header>`}<s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${body}</s:Body></s:Envelope>`;

const version =
  '<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1118" MinorBuildNumber="40" Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/>';

const reply = (message: string): string =>
  envelope(`<m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages>${message}</m:ResponseMessages></m:GetFolderResponse>`, version);

export const INBOX = reply(
  '<m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Folders><t:Folder><t:FolderId Id="AQ==" ChangeKey="Ag=="/><t:DisplayName>Inbox</t:DisplayName><t:TotalCount>42</t:TotalCount><t:ChildFolderCount>0</t:ChildFolderCount><t:UnreadCount>7</t:UnreadCount></t:Folder></m:Folders></m:GetFolderResponseMessage>',
);

export const refusal = (code: string, text: string): string =>
  reply(`<m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>${text}</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:GetFolderResponseMessage>`);

export const fault = (code: string, text: string): string =>
  envelope(`<s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:${code}</faultcode><faultstring xml:lang="en-US">${text}</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${text}</e:Message></detail></s:Fault>`);
