/**
 * Owns: the complex types and enumerations the sandbox serves.
 * Does not own: how names are looked up (edm.ts).
 * Invariants: derived from the published v1.0 CSDL of Microsoft Graph (2026-08), reduced to what the sandbox serves; not edited by hand.
 */
export interface TypeRow {
  /** Name of the base type, empty if none. */
  readonly base: string;
  /** `name:type` pairs; `[x]` a collection, a leading `>` a navigation property; capitalised types are Edm's. */
  readonly members: string;
}

export const COMPLEX_TYPES: Readonly<Record<string, TypeRow>> = {
  album: { base: '', members: 'coverImageItemId:String' },
  assignedLabel: { base: '', members: 'displayName:String labelId:String' },
  assignedLicense: { base: '', members: 'disabledPlans:[Guid] skuId:Guid' },
  assignedPlan: { base: '', members: 'assignedDateTime:DateTimeOffset capabilityStatus:String service:String servicePlanId:Guid' },
  attachmentItem: { base: '', members: 'attachmentType:attachmentType contentId:String contentType:String isInline:Boolean name:String size:Int64' },
  attendee: { base: 'attendeeBase', members: 'proposedNewTime:timeSlot status:responseStatus' },
  attendeeBase: { base: 'recipient', members: 'type:attendeeType' },
  audio: { base: '', members: 'album:String albumArtist:String artist:String bitrate:Int64 composers:String copyright:String disc:Int16 discCount:Int16 ' +
    'duration:Int64 genre:String hasDrm:Boolean isVariableBitrate:Boolean title:String track:Int32 trackCount:Int32 year:Int32' },
  authorizationInfo: { base: '', members: 'certificateUserIds:[String]' },
  automaticRepliesSetting: { base: '', members: 'externalAudience:externalAudienceScope externalReplyMessage:String internalReplyMessage:String ' +
    'scheduledEndDateTime:dateTimeTimeZone scheduledStartDateTime:dateTimeTimeZone status:automaticRepliesStatus' },
  bundle: { base: '', members: 'album:album childCount:Int32' },
  customSecurityAttributeValue: { base: '', members: '' },
  dateTimeTimeZone: { base: '', members: 'dateTime:String timeZone:String' },
  deleted: { base: '', members: 'state:String' },
  emailAddress: { base: '', members: 'address:String name:String' },
  employeeOrgData: { base: '', members: 'costCenter:String division:String' },
  file: { base: '', members: 'hashes:hashes mimeType:String processingMetadata:Boolean' },
  fileSystemInfo: { base: '', members: 'createdDateTime:DateTimeOffset lastAccessedDateTime:DateTimeOffset lastModifiedDateTime:DateTimeOffset' },
  folder: { base: '', members: 'childCount:Int32 view:folderView' },
  folderView: { base: '', members: 'sortBy:String sortOrder:String viewType:String' },
  followupFlag: { base: '', members: 'completedDateTime:dateTimeTimeZone dueDateTime:dateTimeTimeZone flagStatus:followupFlagStatus startDateTime:dateTimeTimeZone' },
  geoCoordinates: { base: '', members: 'altitude:Double latitude:Double longitude:Double' },
  hashes: { base: '', members: 'crc32Hash:String quickXorHash:String sha1Hash:String sha256Hash:String' },
  identity: { base: '', members: 'displayName:String id:String' },
  identitySet: { base: '', members: 'application:identity device:identity user:identity' },
  image: { base: '', members: 'height:Int32 width:Int32' },
  internetMessageHeader: { base: '', members: 'name:String value:String' },
  itemBody: { base: '', members: 'content:String contentType:bodyType' },
  itemReference: { base: '', members: 'driveId:String driveType:String id:String name:String path:String shareId:String sharepointIds:sharepointIds siteId:String' },
  licenseAssignmentState: { base: '', members: 'assignedByGroup:String disabledPlans:[Guid] error:String lastUpdatedDateTime:DateTimeOffset skuId:Guid state:String' },
  licenseProcessingState: { base: '', members: 'state:String' },
  localeInfo: { base: '', members: 'displayName:String locale:String' },
  location: { base: '', members: 'address:physicalAddress coordinates:outlookGeoCoordinates displayName:String locationEmailAddress:String locationType:locationType ' +
    'locationUri:String uniqueId:String uniqueIdType:locationUniqueIdType' },
  locationConstraint: { base: '', members: 'isRequired:Boolean locations:[locationConstraintItem] suggestLocation:Boolean' },
  locationConstraintItem: { base: 'location', members: 'resolveAvailability:Boolean' },
  mailboxSettings: { base: '', members: 'archiveFolder:String automaticRepliesSetting:automaticRepliesSetting dateFormat:String ' +
    'delegateMeetingMessageDeliveryOptions:delegateMeetingMessageDeliveryOptions language:localeInfo timeFormat:String timeZone:String ' +
    'userPurpose:userPurpose workingHours:workingHours' },
  malware: { base: '', members: 'description:String' },
  messageRuleActions: { base: '', members: 'assignCategories:[String] copyToFolder:String delete:Boolean forwardAsAttachmentTo:[recipient] forwardTo:[recipient] ' +
    'markAsRead:Boolean markImportance:importance moveToFolder:String permanentDelete:Boolean redirectTo:[recipient] ' +
    'stopProcessingRules:Boolean' },
  messageRulePredicates: { base: '', members: 'bodyContains:[String] bodyOrSubjectContains:[String] categories:[String] fromAddresses:[recipient] hasAttachments:Boolean ' +
    'headerContains:[String] importance:importance isApprovalRequest:Boolean isAutomaticForward:Boolean isAutomaticReply:Boolean ' +
    'isEncrypted:Boolean isMeetingRequest:Boolean isMeetingResponse:Boolean isNonDeliveryReport:Boolean isPermissionControlled:Boolean ' +
    'isReadReceipt:Boolean isSigned:Boolean isVoicemail:Boolean messageActionFlag:messageActionFlag notSentToMe:Boolean ' +
    'recipientContains:[String] senderContains:[String] sensitivity:sensitivity sentCcMe:Boolean sentOnlyToMe:Boolean ' +
    'sentToAddresses:[recipient] sentToMe:Boolean sentToOrCcMe:Boolean subjectContains:[String] withinSizeRange:sizeRange' },
  objectIdentity: { base: '', members: 'issuer:String issuerAssignedId:String signInType:String' },
  onlineMeetingInfo: { base: '', members: 'conferenceId:String joinUrl:String phones:[phone] quickDial:String tollFreeNumbers:[String] tollNumber:String' },
  onPremisesExtensionAttributes: { base: '', members: 'extensionAttribute1:String extensionAttribute10:String extensionAttribute11:String extensionAttribute12:String ' +
    'extensionAttribute13:String extensionAttribute14:String extensionAttribute15:String extensionAttribute2:String ' +
    'extensionAttribute3:String extensionAttribute4:String extensionAttribute5:String extensionAttribute6:String ' +
    'extensionAttribute7:String extensionAttribute8:String extensionAttribute9:String' },
  onPremisesProvisioningError: { base: '', members: 'category:String occurredDateTime:DateTimeOffset propertyCausingError:String value:String' },
  outlookGeoCoordinates: { base: '', members: 'accuracy:Double altitude:Double altitudeAccuracy:Double latitude:Double longitude:Double' },
  package: { base: '', members: 'type:String' },
  passwordProfile: { base: '', members: 'forceChangePasswordNextSignIn:Boolean forceChangePasswordNextSignInWithMfa:Boolean password:String' },
  patternedRecurrence: { base: '', members: 'pattern:recurrencePattern range:recurrenceRange' },
  pendingContentUpdate: { base: '', members: 'queuedDateTime:DateTimeOffset' },
  pendingOperations: { base: '', members: 'pendingContentUpdate:pendingContentUpdate' },
  personType: { base: '', members: 'class:String subclass:String' },
  phone: { base: '', members: 'language:String number:String region:String type:phoneType' },
  photo: { base: '', members: 'cameraMake:String cameraModel:String exposureDenominator:Double exposureNumerator:Double fNumber:Double focalLength:Double ' +
    'iso:Int32 orientation:Int16 takenDateTime:DateTimeOffset' },
  physicalAddress: { base: '', members: 'city:String countryOrRegion:String postalCode:String state:String street:String' },
  privacyProfile: { base: '', members: 'contactEmail:String statementUrl:String' },
  provisionedPlan: { base: '', members: 'capabilityStatus:String provisioningStatus:String service:String' },
  publicationFacet: { base: '', members: 'checkedOutBy:identitySet level:String versionId:String' },
  quota: { base: '', members: 'deleted:Int64 remaining:Int64 state:String storagePlanInformation:storagePlanInformation total:Int64 used:Int64' },
  recipient: { base: '', members: 'emailAddress:emailAddress' },
  recurrencePattern: { base: '', members: 'dayOfMonth:Int32 daysOfWeek:[dayOfWeek] firstDayOfWeek:dayOfWeek index:weekIndex interval:Int32 month:Int32 ' +
    'type:recurrencePatternType' },
  recurrenceRange: { base: '', members: 'endDate:Date numberOfOccurrences:Int32 recurrenceTimeZone:String startDate:Date type:recurrenceRangeType' },
  remoteItem: { base: '', members: 'createdBy:identitySet createdDateTime:DateTimeOffset file:file fileSystemInfo:fileSystemInfo folder:folder id:String image:image ' +
    'lastModifiedBy:identitySet lastModifiedDateTime:DateTimeOffset name:String package:package parentReference:itemReference ' +
    'shared:shared sharepointIds:sharepointIds size:Int64 specialFolder:specialFolder video:video webDavUrl:String webUrl:String' },
  responseStatus: { base: '', members: 'response:responseType time:DateTimeOffset' },
  root: { base: '', members: '' },
  scoredEmailAddress: { base: '', members: 'address:String itemId:String relevanceScore:Double selectionLikelihood:selectionLikelihoodInfo' },
  searchResult: { base: '', members: 'onClickTelemetryUrl:String' },
  serviceProvisioningError: { base: '', members: 'createdDateTime:DateTimeOffset isResolved:Boolean serviceInstance:String' },
  shared: { base: '', members: 'owner:identitySet scope:String sharedBy:identitySet sharedDateTime:DateTimeOffset' },
  sharepointIds: { base: '', members: 'listId:String listItemId:String listItemUniqueId:String siteId:String siteUrl:String tenantId:String webId:String' },
  signInActivity: { base: '', members: 'lastNonInteractiveSignInDateTime:DateTimeOffset lastNonInteractiveSignInRequestId:String lastSignInDateTime:DateTimeOffset ' +
    'lastSignInRequestId:String lastSuccessfulSignInDateTime:DateTimeOffset lastSuccessfulSignInRequestId:String' },
  sizeRange: { base: '', members: 'maximumSize:Int32 minimumSize:Int32' },
  specialFolder: { base: '', members: 'name:String' },
  storagePlanInformation: { base: '', members: 'upgradeAvailable:Boolean' },
  systemFacet: { base: '', members: '' },
  timeConstraint: { base: '', members: 'activityDomain:activityDomain timeSlots:[timeSlot]' },
  timeSlot: { base: '', members: 'end:dateTimeTimeZone start:dateTimeTimeZone' },
  timeZoneBase: { base: '', members: 'name:String' },
  userPrint: { base: '', members: '' },
  verifiedDomain: { base: '', members: 'capabilities:String isDefault:Boolean isInitial:Boolean name:String type:String' },
  video: { base: '', members: 'audioBitsPerSample:Int32 audioChannels:Int32 audioFormat:String audioSamplesPerSecond:Int32 bitrate:Int32 duration:Int64 ' +
    'fourCC:String frameRate:Double height:Int32 width:Int32' },
  website: { base: '', members: 'address:String displayName:String type:websiteType' },
  workingHours: { base: '', members: 'daysOfWeek:[dayOfWeek] endTime:TimeOfDay startTime:TimeOfDay timeZone:timeZoneBase' },
};

/** Members of each enumeration, in the order of their values. */
export const ENUM_TYPES: Readonly<Record<string, string>> = {
  activityDomain: 'unknown work personal unrestricted',
  attachmentType: 'file item reference',
  attendeeType: 'required optional resource',
  automaticRepliesStatus: 'disabled alwaysEnabled scheduled',
  bodyType: 'text html',
  bookingType: 'unknown standard reserved',
  calendarColor: 'auto lightBlue lightGreen lightOrange lightGray lightYellow lightTeal lightPink lightBrown lightRed maxColor',
  calendarRoleType: 'none freeBusyRead limitedRead read write delegateWithoutPrivateEventAccess delegateWithPrivateEventAccess custom',
  categoryColor: 'none preset0 preset1 preset2 preset3 preset4 preset5 preset6 preset7 preset8 preset9 preset10 preset11 preset12 preset13 preset14 ' +
    'preset15 preset16 preset17 preset18 preset19 preset20 preset21 preset22 preset23 preset24',
  dayOfWeek: 'sunday monday tuesday wednesday thursday friday saturday',
  delegateMeetingMessageDeliveryOptions: 'sendToDelegateAndInformationToPrincipal sendToDelegateAndPrincipal sendToDelegateOnly',
  eventType: 'singleInstance occurrence exception seriesMaster',
  externalAudienceScope: 'none contactsOnly all',
  followupFlagStatus: 'notFlagged complete flagged',
  freeBusyStatus: 'unknown free tentative busy oof workingElsewhere',
  groupAccessType: 'none private secret public unknownFutureValue',
  importance: 'low normal high',
  inferenceClassificationType: 'focused other',
  locationType: 'default conferenceRoom homeAddress businessAddress geoCoordinates streetAddress hotel restaurant localBusiness postalAddress',
  locationUniqueIdType: 'unknown locationStore directory private bing',
  mdmAuthority: 'unknown intune sccm office365',
  meetingMessageType: 'none meetingRequest meetingCancelled meetingAccepted meetingTenativelyAccepted meetingDeclined',
  meetingRequestType: 'none newMeetingRequest fullUpdate informationalUpdate silentUpdate outdated principalWantsCopy',
  messageActionFlag: 'any call doNotForward followUp fyi forward noResponseNecessary read reply replyToAll review',
  onlineMeetingProviderType: 'unknown skypeForBusiness skypeForConsumer teamsForBusiness',
  partnerTenantType: 'microsoftSupport syndicatePartner breadthPartner breadthPartnerDelegatedAdmin resellerPartnerDelegatedAdmin ' +
    'valueAddedResellerPartnerDelegatedAdmin unknownFutureValue',
  phoneType: 'home business mobile other assistant homeFax businessFax otherFax pager radio',
  placeFeatureEnablement: 'unknown enabled disabled unknownFutureValue',
  recurrencePatternType: 'daily weekly absoluteMonthly relativeMonthly absoluteYearly relativeYearly',
  recurrenceRangeType: 'endDate noEnd numbered',
  responseType: 'none organizer tentativelyAccepted accepted declined notResponded',
  selectionLikelihoodInfo: 'notSpecified high',
  sensitivity: 'normal personal private confidential',
  taskStatus: 'notStarted inProgress completed waitingOnOthers deferred',
  userPurpose: 'user linked shared room equipment others unknownFutureValue',
  websiteType: 'other home work blog profile',
  weekIndex: 'first second third fourth last',
  wellknownListName: 'none defaultList flaggedEmails unknownFutureValue',
};
