/**
 * Owns: the entity types the sandbox serves.
 * Does not own: how names are looked up (edm.ts).
 * Invariants: derived from the published v1.0 CSDL of Microsoft Graph (2026-08), reduced to what the sandbox serves; not edited by hand.
 */
import type { TypeRow } from './complex-types.js';

export const ENTITY_TYPES: Readonly<Record<string, TypeRow>> = {
  attachment: { base: 'entity', members: 'contentType:String isInline:Boolean lastModifiedDateTime:DateTimeOffset name:String size:Int32' },
  attachmentBase: { base: 'entity', members: 'contentType:String lastModifiedDateTime:DateTimeOffset name:String size:Int32' },
  baseItem: { base: 'entity', members: 'createdBy:identitySet createdDateTime:DateTimeOffset description:String eTag:String lastModifiedBy:identitySet ' +
    'lastModifiedDateTime:DateTimeOffset name:String parentReference:itemReference webUrl:String >createdByUser:user ' +
    '>lastModifiedByUser:user' },
  calendar: { base: 'entity', members: 'allowedOnlineMeetingProviders:[onlineMeetingProviderType] canEdit:Boolean canShare:Boolean canViewPrivateItems:Boolean ' +
    'changeKey:String color:calendarColor defaultOnlineMeetingProvider:onlineMeetingProviderType hexColor:String ' +
    'isDefaultCalendar:Boolean isRemovable:Boolean isTallyingResponses:Boolean name:String owner:emailAddress ' +
    '>calendarPermissions:[calendarPermission] >calendarView:[event] >events:[event] ' +
    '>multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  calendarGroup: { base: 'entity', members: 'changeKey:String classId:Guid name:String >calendars:[calendar]' },
  calendarPermission: { base: 'entity', members: 'allowedRoles:[calendarRoleType] emailAddress:emailAddress isInsideOrganization:Boolean isRemovable:Boolean role:calendarRoleType' },
  checklistItem: { base: 'entity', members: 'checkedDateTime:DateTimeOffset createdDateTime:DateTimeOffset displayName:String isChecked:Boolean' },
  contact: { base: 'outlookItem', members: 'assistantName:String birthday:DateTimeOffset businessAddress:physicalAddress businessHomePage:String businessPhones:[String] ' +
    'children:[String] companyName:String department:String displayName:String emailAddresses:[emailAddress] fileAs:String ' +
    'generation:String givenName:String homeAddress:physicalAddress homePhones:[String] imAddresses:[String] initials:String ' +
    'jobTitle:String manager:String middleName:String mobilePhone:String nickName:String officeLocation:String ' +
    'otherAddress:physicalAddress parentFolderId:String personalNotes:String primaryEmailAddress:emailAddress profession:String ' +
    'secondaryEmailAddress:emailAddress spouseName:String surname:String tertiaryEmailAddress:emailAddress title:String ' +
    'yomiCompanyName:String yomiGivenName:String yomiSurname:String >extensions:[extension] ' +
    '>multiValueExtendedProperties:[multiValueLegacyExtendedProperty] >photo:profilePhoto ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  contactFolder: { base: 'entity', members: 'displayName:String parentFolderId:String >childFolders:[contactFolder] >contacts:[contact] ' +
    '>multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  conversation: { base: 'entity', members: 'hasAttachments:Boolean lastDeliveredDateTime:DateTimeOffset preview:String topic:String uniqueSenders:[String] ' +
    '>threads:[conversationThread]' },
  conversationThread: { base: 'entity', members: 'ccRecipients:[recipient] hasAttachments:Boolean isLocked:Boolean lastDeliveredDateTime:DateTimeOffset preview:String topic:String ' +
    'toRecipients:[recipient] uniqueSenders:[String] >posts:[post]' },
  directoryObject: { base: 'entity', members: 'deletedDateTime:DateTimeOffset' },
  drive: { base: 'baseItem', members: 'driveType:String owner:identitySet quota:quota sharePointIds:sharepointIds system:systemFacet >bundles:[driveItem] ' +
    '>following:[driveItem] >items:[driveItem] >root:driveItem >special:[driveItem]' },
  driveItem: { base: 'baseItem', members: 'audio:audio bundle:bundle content:Stream cTag:String deleted:deleted file:file fileSystemInfo:fileSystemInfo folder:folder ' +
    'image:image location:geoCoordinates malware:malware package:package pendingOperations:pendingOperations photo:photo ' +
    'publication:publicationFacet remoteItem:remoteItem root:root searchResult:searchResult shared:shared sharepointIds:sharepointIds ' +
    'size:Int64 specialFolder:specialFolder video:video webDavUrl:String >children:[driveItem]' },
  entity: { base: '', members: 'id:String' },
  event: { base: 'outlookItem', members: 'allowNewTimeProposals:Boolean attendees:[attendee] body:itemBody bodyPreview:String cancelledOccurrences:[String] ' +
    'end:dateTimeTimeZone hasAttachments:Boolean hideAttendees:Boolean iCalUId:String importance:importance isAllDay:Boolean ' +
    'isCancelled:Boolean isDraft:Boolean isOnlineMeeting:Boolean isOrganizer:Boolean isReminderOn:Boolean location:location ' +
    'locations:[location] onlineMeeting:onlineMeetingInfo onlineMeetingProvider:onlineMeetingProviderType onlineMeetingUrl:String ' +
    'organizer:recipient originalEndTimeZone:String originalStart:DateTimeOffset originalStartTimeZone:String ' +
    'recurrence:patternedRecurrence reminderMinutesBeforeStart:Int32 responseRequested:Boolean responseStatus:responseStatus ' +
    'sensitivity:sensitivity seriesMasterId:String showAs:freeBusyStatus start:dateTimeTimeZone subject:String transactionId:String ' +
    'type:eventType webLink:String >attachments:[attachment] >calendar:calendar >exceptionOccurrences:[event] >extensions:[extension] ' +
    '>instances:[event] >multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  eventMessage: { base: 'message', members: 'endDateTime:dateTimeTimeZone isAllDay:Boolean isDelegated:Boolean isOutOfDate:Boolean location:location ' +
    'meetingMessageType:meetingMessageType recurrence:patternedRecurrence startDateTime:dateTimeTimeZone type:eventType >event:event' },
  eventMessageRequest: { base: 'eventMessage', members: 'allowNewTimeProposals:Boolean meetingRequestType:meetingRequestType previousEndDateTime:dateTimeTimeZone previousLocation:location ' +
    'previousStartDateTime:dateTimeTimeZone responseRequested:Boolean' },
  eventMessageResponse: { base: 'eventMessage', members: 'proposedNewTime:timeSlot responseType:responseType' },
  extension: { base: 'entity', members: '' },
  fileAttachment: { base: 'attachment', members: 'contentBytes:Binary contentId:String contentLocation:String' },
  group: { base: 'directoryObject', members: 'accessType:groupAccessType allowExternalSenders:Boolean assignedLabels:[assignedLabel] assignedLicenses:[assignedLicense] ' +
    'autoSubscribeNewMembers:Boolean classification:String createdDateTime:DateTimeOffset description:String displayName:String ' +
    'expirationDateTime:DateTimeOffset groupTypes:[String] hasMembersWithLicenseErrors:Boolean hideFromAddressLists:Boolean ' +
    'hideFromOutlookClients:Boolean infoCatalogs:[String] isArchived:Boolean isAssignableToRole:Boolean isFavorite:Boolean ' +
    'isManagementRestricted:Boolean isSubscribedByMail:Boolean licenseProcessingState:licenseProcessingState mail:String ' +
    'mailEnabled:Boolean mailNickname:String membershipRule:String membershipRuleProcessingState:String onPremisesDomainName:String ' +
    'onPremisesExtensionAttributes:onPremisesExtensionAttributes onPremisesLastSyncDateTime:DateTimeOffset onPremisesNetBiosName:String ' +
    'onPremisesProvisioningErrors:[onPremisesProvisioningError] onPremisesSamAccountName:String onPremisesSecurityIdentifier:String ' +
    'onPremisesSyncEnabled:Boolean organizationId:String preferredDataLocation:String preferredLanguage:String proxyAddresses:[String] ' +
    'renewedDateTime:DateTimeOffset resourceBehaviorOptions:[String] resourceProvisioningOptions:[String] securityEnabled:Boolean ' +
    'securityIdentifier:String serviceProvisioningErrors:[serviceProvisioningError] theme:String uniqueName:String ' +
    'unseenConversationsCount:Int32 unseenCount:Int32 unseenMessagesCount:Int32 visibility:String welcomeMessageEnabled:Boolean ' +
    '>acceptedSenders:[directoryObject] >calendar:calendar >calendarView:[event] >conversations:[conversation] ' +
    '>createdOnBehalfOf:directoryObject >drive:drive >drives:[drive] >events:[event] >extensions:[extension] ' +
    '>memberOf:[directoryObject] >members:[directoryObject] >membersWithLicenseErrors:[directoryObject] >owners:[directoryObject] ' +
    '>photo:profilePhoto >photos:[profilePhoto] >rejectedSenders:[directoryObject] >threads:[conversationThread] ' +
    '>transitiveMemberOf:[directoryObject] >transitiveMembers:[directoryObject]' },
  inferenceClassificationOverride: { base: 'entity', members: 'classifyAs:inferenceClassificationType senderEmailAddress:emailAddress' },
  itemAttachment: { base: 'attachment', members: '>item:outlookItem' },
  linkedResource: { base: 'entity', members: 'applicationName:String displayName:String externalId:String webUrl:String' },
  mailFolder: { base: 'entity', members: 'childFolderCount:Int32 displayName:String isHidden:Boolean parentFolderId:String totalItemCount:Int32 unreadItemCount:Int32 ' +
    '>childFolders:[mailFolder] >messageRules:[messageRule] >messages:[message] ' +
    '>multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  mailSearchFolder: { base: 'mailFolder', members: 'filterQuery:String includeNestedFolders:Boolean isSupported:Boolean sourceFolderIds:[String]' },
  message: { base: 'outlookItem', members: 'bccRecipients:[recipient] body:itemBody bodyPreview:String ccRecipients:[recipient] conversationId:String conversationIndex:Binary ' +
    'flag:followupFlag from:recipient hasAttachments:Boolean importance:importance inferenceClassification:inferenceClassificationType ' +
    'internetMessageHeaders:[internetMessageHeader] internetMessageId:String isDeliveryReceiptRequested:Boolean isDraft:Boolean ' +
    'isRead:Boolean isReadReceiptRequested:Boolean parentFolderId:String receivedDateTime:DateTimeOffset replyTo:[recipient] ' +
    'sender:recipient sentDateTime:DateTimeOffset subject:String toRecipients:[recipient] uniqueBody:itemBody webLink:String ' +
    '>attachments:[attachment] >extensions:[extension] >multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  messageRule: { base: 'entity', members: 'actions:messageRuleActions conditions:messageRulePredicates displayName:String exceptions:messageRulePredicates hasError:Boolean ' +
    'isEnabled:Boolean isReadOnly:Boolean sequence:Int32' },
  multiValueLegacyExtendedProperty: { base: 'entity', members: 'value:[String]' },
  openTypeExtension: { base: 'extension', members: 'extensionName:String' },
  organization: { base: 'directoryObject', members: 'assignedPlans:[assignedPlan] businessPhones:[String] city:String country:String countryLetterCode:String ' +
    'createdDateTime:DateTimeOffset defaultUsageLocation:String displayName:String marketingNotificationEmails:[String] ' +
    'mobileDeviceManagementAuthority:mdmAuthority onPremisesLastSyncDateTime:DateTimeOffset onPremisesSyncEnabled:Boolean ' +
    'partnerTenantType:partnerTenantType postalCode:String preferredLanguage:String privacyProfile:privacyProfile ' +
    'provisionedPlans:[provisionedPlan] securityComplianceNotificationMails:[String] securityComplianceNotificationPhones:[String] ' +
    'state:String street:String technicalNotificationMails:[String] tenantType:String verifiedDomains:[verifiedDomain] ' +
    '>extensions:[extension]' },
  outlookCategory: { base: 'entity', members: 'color:categoryColor displayName:String' },
  outlookItem: { base: 'entity', members: 'categories:[String] changeKey:String createdDateTime:DateTimeOffset lastModifiedDateTime:DateTimeOffset' },
  person: { base: 'entity', members: 'birthday:String companyName:String department:String displayName:String givenName:String imAddress:String isFavorite:Boolean ' +
    'jobTitle:String officeLocation:String personNotes:String personType:personType phones:[phone] postalAddresses:[location] ' +
    'profession:String scoredEmailAddresses:[scoredEmailAddress] surname:String userPrincipalName:String websites:[website] ' +
    'yomiCompany:String' },
  place: { base: 'entity', members: 'address:physicalAddress displayName:String geoCoordinates:outlookGeoCoordinates isWheelChairAccessible:Boolean label:String ' +
    'parentId:String phone:String placeId:String tags:[String]' },
  post: { base: 'outlookItem', members: 'body:itemBody conversationId:String conversationThreadId:String from:recipient hasAttachments:Boolean newParticipants:[recipient] ' +
    'receivedDateTime:DateTimeOffset sender:recipient >attachments:[attachment] >extensions:[extension] >inReplyTo:post ' +
    '>multiValueExtendedProperties:[multiValueLegacyExtendedProperty] ' +
    '>singleValueExtendedProperties:[singleValueLegacyExtendedProperty]' },
  profilePhoto: { base: 'entity', members: 'height:Int32 width:Int32' },
  referenceAttachment: { base: 'attachment', members: '' },
  room: { base: 'place', members: 'audioDeviceName:String bookingType:bookingType building:String capacity:Int32 displayDeviceName:String emailAddress:String ' +
    'floorLabel:String floorNumber:Int32 nickname:String teamsEnabledState:placeFeatureEnablement videoDeviceName:String' },
  roomList: { base: 'place', members: 'emailAddress:String >rooms:[room]' },
  singleValueLegacyExtendedProperty: { base: 'entity', members: 'value:String' },
  subscription: { base: 'entity', members: 'applicationId:String changeType:String clientState:String creatorId:String encryptionCertificate:String encryptionCertificateId:String ' +
    'expirationDateTime:DateTimeOffset includeResourceData:Boolean latestSupportedTlsVersion:String lifecycleNotificationUrl:String ' +
    'notificationQueryOptions:String notificationUrl:String notificationUrlAppId:String resource:String' },
  taskFileAttachment: { base: 'attachmentBase', members: 'contentBytes:Binary' },
  todoTask: { base: 'entity', members: 'body:itemBody bodyLastModifiedDateTime:DateTimeOffset categories:[String] completedDateTime:dateTimeTimeZone ' +
    'createdDateTime:DateTimeOffset dueDateTime:dateTimeTimeZone hasAttachments:Boolean importance:importance isReminderOn:Boolean ' +
    'lastModifiedDateTime:DateTimeOffset recurrence:patternedRecurrence reminderDateTime:dateTimeTimeZone ' +
    'startDateTime:dateTimeTimeZone status:taskStatus title:String >attachments:[attachmentBase] >checklistItems:[checklistItem] ' +
    '>extensions:[extension] >linkedResources:[linkedResource]' },
  todoTaskList: { base: 'entity', members: 'displayName:String isOwner:Boolean isShared:Boolean wellknownListName:wellknownListName >extensions:[extension] >tasks:[todoTask]' },
  user: { base: 'directoryObject', members: 'aboutMe:String accountEnabled:Boolean ageGroup:String assignedLicenses:[assignedLicense] assignedPlans:[assignedPlan] ' +
    'authorizationInfo:authorizationInfo birthday:DateTimeOffset businessPhones:[String] city:String companyName:String ' +
    'consentProvidedForMinor:String country:String createdDateTime:DateTimeOffset creationType:String ' +
    'customSecurityAttributes:customSecurityAttributeValue department:String deviceEnrollmentLimit:Int32 displayName:String ' +
    'employeeHireDate:DateTimeOffset employeeId:String employeeLeaveDateTime:DateTimeOffset employeeOrgData:employeeOrgData ' +
    'employeeType:String externalUserState:String externalUserStateChangeDateTime:DateTimeOffset faxNumber:String givenName:String ' +
    'hireDate:DateTimeOffset identities:[objectIdentity] identityParentId:String imAddresses:[String] interests:[String] ' +
    'isManagementRestricted:Boolean isResourceAccount:Boolean jobTitle:String lastPasswordChangeDateTime:DateTimeOffset ' +
    'legalAgeGroupClassification:String licenseAssignmentStates:[licenseAssignmentState] mail:String mailboxSettings:mailboxSettings ' +
    'mailNickname:String mobilePhone:String mySite:String officeLocation:String onPremisesDistinguishedName:String ' +
    'onPremisesDomainName:String onPremisesExtensionAttributes:onPremisesExtensionAttributes onPremisesImmutableId:String ' +
    'onPremisesLastSyncDateTime:DateTimeOffset onPremisesProvisioningErrors:[onPremisesProvisioningError] ' +
    'onPremisesSamAccountName:String onPremisesSecurityIdentifier:String onPremisesSyncEnabled:Boolean ' +
    'onPremisesUserPrincipalName:String otherMails:[String] passwordPolicies:String passwordProfile:passwordProfile ' +
    'pastProjects:[String] postalCode:String preferredDataLocation:String preferredLanguage:String preferredName:String print:userPrint ' +
    'provisionedPlans:[provisionedPlan] proxyAddresses:[String] responsibilities:[String] schools:[String] securityIdentifier:String ' +
    'serviceProvisioningErrors:[serviceProvisioningError] showInAddressList:Boolean signInActivity:signInActivity ' +
    'signInSessionsValidFromDateTime:DateTimeOffset skills:[String] state:String streetAddress:String surname:String ' +
    'usageLocation:String userPrincipalName:String userType:String >calendar:calendar >calendarGroups:[calendarGroup] ' +
    '>calendars:[calendar] >calendarView:[event] >contactFolders:[contactFolder] >contacts:[contact] >createdObjects:[directoryObject] ' +
    '>directReports:[directoryObject] >drive:drive >drives:[drive] >events:[event] >extensions:[extension] >mailFolders:[mailFolder] ' +
    '>manager:directoryObject >memberOf:[directoryObject] >messages:[message] >ownedDevices:[directoryObject] ' +
    '>ownedObjects:[directoryObject] >people:[person] >photo:profilePhoto >photos:[profilePhoto] >registeredDevices:[directoryObject] ' +
    '>sponsorOf:[directoryObject] >sponsors:[directoryObject] >transitiveMemberOf:[directoryObject]' },
};
