/**
 * Owns: the members every entity of a type has, with the value the service gives where nobody set one (null members are present).
 * Does not own: ids, versions, times: the stores add those.
 * Invariants: member order is the service's; templates are frozen and copied, never changed.
 */
import type { JsonObject } from '../writer.js';

const EMPTY_ADDRESS: JsonObject = {};
const RESPONSE: JsonObject = { response: 'none', time: '0001-01-01T00:00:00Z' };

export const MESSAGE: JsonObject = Object.freeze({
  categories: [], internetMessageId: null, subject: '', bodyPreview: '', importance: 'normal', conversationIndex: null,
  isDeliveryReceiptRequested: null, isReadReceiptRequested: false, inferenceClassification: 'focused', sender: null, from: null,
  toRecipients: [], ccRecipients: [], bccRecipients: [], replyTo: [], flag: { flagStatus: 'notFlagged' },
});

/** Members of meeting mail, beyond message. */
export const EVENT_MESSAGE: JsonObject = Object.freeze({
  meetingMessageType: 'meetingRequest', isOutOfDate: false, isAllDay: false, isDelegated: false, startDateTime: null, endDateTime: null,
  location: null, type: 'singleInstance', recurrence: null,
});
export const EVENT_MESSAGE_REQUEST: JsonObject = Object.freeze({
  ...EVENT_MESSAGE, responseRequested: true, allowNewTimeProposals: true, meetingRequestType: 'newMeetingRequest',
  previousLocation: null, previousStartDateTime: null, previousEndDateTime: null,
});
export const EVENT_MESSAGE_RESPONSE: JsonObject = Object.freeze({ ...EVENT_MESSAGE, meetingMessageType: 'meetingAccepted', responseType: 'accepted', proposedNewTime: null });

export const EVENT: JsonObject = Object.freeze({
  categories: [], transactionId: null, originalStartTimeZone: 'UTC', originalEndTimeZone: 'UTC', iCalUId: null, reminderMinutesBeforeStart: 15,
  isReminderOn: true, hasAttachments: false, subject: '', bodyPreview: '', importance: 'normal', sensitivity: 'normal', originalStart: null,
  isAllDay: false, isCancelled: false, isOrganizer: true, responseRequested: true, seriesMasterId: null, showAs: 'busy', type: 'singleInstance',
  webLink: null, onlineMeetingUrl: null, isOnlineMeeting: false, onlineMeetingProvider: 'unknown', allowNewTimeProposals: true, isDraft: false,
  hideAttendees: false, onlineMeeting: null, responseStatus: RESPONSE, body: { contentType: 'html', content: '' }, start: null, end: null,
  location: { displayName: '', locationType: 'default', uniqueIdType: 'unknown', address: {}, coordinates: {} }, locations: [], recurrence: null,
  attendees: [], organizer: null,
});

export const CONTACT: JsonObject = Object.freeze({
  categories: [], birthday: null, fileAs: '', displayName: '', givenName: null, initials: null, middleName: null, nickName: null, surname: null,
  title: null, yomiGivenName: null, yomiSurname: null, yomiCompanyName: null, generation: null, imAddresses: [], jobTitle: null, companyName: null,
  department: null, officeLocation: null, profession: null, businessHomePage: null, assistantName: null, manager: null, homePhones: [],
  mobilePhone: null, businessPhones: [], spouseName: null, personalNotes: '', children: [], emailAddresses: [], primaryEmailAddress: null,
  secondaryEmailAddress: null, tertiaryEmailAddress: null, homeAddress: EMPTY_ADDRESS, businessAddress: EMPTY_ADDRESS, otherAddress: EMPTY_ADDRESS,
});

export const CALENDAR: JsonObject = Object.freeze({
  name: 'Calendar', color: 'auto', hexColor: '', isDefaultCalendar: false, canShare: true, canViewPrivateItems: true, canEdit: true,
  allowedOnlineMeetingProviders: ['teamsForBusiness'], defaultOnlineMeetingProvider: 'teamsForBusiness', isTallyingResponses: false, isRemovable: true, owner: null,
});

export const TODO_TASK: JsonObject = Object.freeze({
  importance: 'normal', isReminderOn: false, status: 'notStarted', title: '', hasAttachments: false, categories: [], body: { content: '', contentType: 'text' },
  completedDateTime: null, dueDateTime: null, startDateTime: null, reminderDateTime: null, recurrence: null, bodyLastModifiedDateTime: null,
});

export const CHECKLIST_ITEM: JsonObject = Object.freeze({ displayName: '', isChecked: false, checkedDateTime: null });

export const MESSAGE_RULE: JsonObject = Object.freeze({
  displayName: '', sequence: 1, isEnabled: true, hasError: false, isReadOnly: false, conditions: null, actions: null, exceptions: null,
});

export const ROOM: JsonObject = Object.freeze({
  displayName: '', address: null, geoCoordinates: null, phone: null, nickname: '', label: null, capacity: null, building: null, floorNumber: null,
  floorLabel: null, isWheelChairAccessible: false, bookingType: 'standard', tags: [], audioDeviceName: null, videoDeviceName: null,
  displayDeviceName: null, emailAddress: null, placeId: null, parentId: null, teamsEnabledState: 'unknownFutureValue',
});

export const GROUP: JsonObject = Object.freeze({
  deletedDateTime: null, classification: null, createdDateTime: '2021-03-01T08:00:00Z', creationOptions: [], description: null, displayName: '',
  expirationDateTime: null, groupTypes: ['Unified'], isAssignableToRole: null, mail: null, mailEnabled: true, mailNickname: null, membershipRule: null,
  membershipRuleProcessingState: null, onPremisesDomainName: null, onPremisesLastSyncDateTime: null, onPremisesNetBiosName: null,
  onPremisesSamAccountName: null, onPremisesSecurityIdentifier: null, onPremisesSyncEnabled: null, preferredDataLocation: null, preferredLanguage: null,
  proxyAddresses: [], renewedDateTime: '2021-03-01T08:00:00Z', resourceBehaviorOptions: [], resourceProvisioningOptions: [], securityEnabled: false,
  securityIdentifier: null, theme: null, visibility: 'Private', onPremisesProvisioningErrors: [],
});

/** The answer of GET /users without $select (facts 1.4). */
export const USER_DEFAULT = ['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation', 'preferredLanguage', 'surname', 'userPrincipalName', 'id'] as const;

export const MAILBOX_SETTINGS: JsonObject = Object.freeze({
  archiveFolder: null, timeZone: 'UTC', delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly', dateFormat: 'yyyy-MM-dd', timeFormat: 'HH:mm', userPurpose: 'user',
  automaticRepliesSetting: {
    status: 'disabled', externalAudience: 'none', internalReplyMessage: '', externalReplyMessage: '',
    scheduledStartDateTime: { dateTime: '2026-01-01T08:00:00.0000000', timeZone: 'UTC' }, scheduledEndDateTime: { dateTime: '2026-01-02T08:00:00.0000000', timeZone: 'UTC' },
  },
  language: { locale: 'en-US', displayName: 'English (United States)' },
  workingHours: { daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], startTime: '08:00:00.0000000', endTime: '17:00:00.0000000', timeZone: { name: 'UTC' } },
});

export const ORGANIZATION: JsonObject = Object.freeze({
  deletedDateTime: null, businessPhones: [], city: null, country: null, countryLetterCode: null, createdDateTime: '2021-03-01T08:00:00Z', displayName: 'Contoso',
  isMultipleDataLocationsForServicesEnabled: null, marketingNotificationEmails: [], onPremisesLastSyncDateTime: null, onPremisesSyncEnabled: null,
  partnerTenantType: null, postalCode: null, preferredLanguage: 'en', privacyProfile: null, securityComplianceNotificationMails: [],
  securityComplianceNotificationPhones: [], state: null, street: null, technicalNotificationMails: [], tenantType: 'AAD', assignedPlans: [], provisionedPlans: [], verifiedDomains: [],
});
