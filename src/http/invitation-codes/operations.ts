import { Type } from '@sinclair/typebox'
import { etag, PageQuery, ref, strict, VerbHeaders } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { DeclineInvitation } from '../invitations/schema.ts'
import { Membership } from '../members/schema.ts'
import { Declined, Offer, OfferPage } from './schema.ts'

const CodeParams = Type.Object({
  code: Type.String({
    minLength: 1,
    maxLength: 1024,
    description:
      'The code, read without regard to case, hyphens and spaces, with I and L as 1 and O as 0. Or, for an invitation to the verified address of the caller, its id.',
    examples: ['7K3M-Q2ZV-8RTN-4XWD-H5PA-9CJE'],
  }),
})

export const listOpenInvitations = operation({
  operationId: 'listOpenInvitations',
  tags: ['Invitations'],
  summary: 'The bell: invitations that wait for me',
  description:
    'Those for the verified e-mail address of the token, the newest first. None for an unverified address.',
  querystring: Type.Object(PageQuery, strict),
  response: { 200: ref(OfferPage) },
  refusals: ['forbidden', 'invalid_cursor'],
})

export const previewInvitation = operation({
  operationId: 'previewInvitation',
  tags: ['Invitations'],
  summary: 'What a code leads to',
  description:
    'For whoever holds the code, signed in or not; changes nothing. By its id it needs a token. Wrong codes are counted.',
  security: [{}, { bearer: [] }],
  params: CodeParams,
  response: { 200: { ...ref(Offer), ...etag } },
  refusals: [
    'invitation_not_found',
    'invitation_expired',
    'invitation_revoked',
    'invitation_declined',
    'invitation_used',
    'rate_limited',
  ],
})

export const acceptInvitation = operation({
  operationId: 'acceptInvitation',
  tags: ['Invitations'],
  summary: 'Accept an invitation',
  description:
    'Answers the membership: 201, or 200 to a member who has joined by this invitation before. An offer of the Admin role ends when its inviter is no longer Admin.',
  params: CodeParams,
  headers: VerbHeaders,
  response: {
    200: { ...ref(Membership), ...etag, description: 'The caller had joined by it before.' },
    201: { ...ref(Membership), ...etag, description: 'The caller has joined.' },
  },
  refusals: [
    'forbidden',
    'email_mismatch',
    'email_unverified',
    'email_domain_not_allowed',
    'invitation_not_found',
    'already_member',
    'invitation_expired',
    'invitation_revoked',
    'invitation_declined',
    'invitation_used',
    'version_mismatch',
    'rate_limited',
  ],
})

export const declineInvitation = operation({
  operationId: 'declineInvitation',
  tags: ['Invitations'],
  summary: 'Decline an invitation',
  description: 'For the addressed person. Doing it twice is no error. An open code cannot be declined.',
  params: CodeParams,
  headers: VerbHeaders,
  body: ref(DeclineInvitation),
  response: { 200: { ...ref(Declined), ...etag } },
  refusals: [
    'forbidden',
    'email_mismatch',
    'email_unverified',
    'invitation_not_found',
    'not_addressed',
    'invitation_expired',
    'invitation_revoked',
    'invitation_used',
    'version_mismatch',
    'rate_limited',
  ],
})
