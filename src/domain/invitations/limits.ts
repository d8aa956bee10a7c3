import { DomainError } from '../errors.ts'

/** How much is too much. All of them are settings; docs name them `LIMIT_…`. */
export interface Limits {
  readonly resendsPerMinute: number
  readonly resendsPerDay: number
  readonly invitationsPerTenMinutes: number
  readonly pendingPerOrg: number
  readonly mailsPerAddressPerDay: number
  readonly wrongCodesPerMinute: number
}

/** How often within a period, and the seconds until the oldest leaves it. */
export interface Recent {
  readonly count: number
  readonly retryAfter: number
}

export interface InviteCounts {
  readonly pending: number
  readonly byInviter: Recent
  readonly toAddress: Recent
  readonly isMember: boolean
}

const AN_HOUR = 3600

/** @throws rate_limited, saying which limit and for how long. A service has no limit of its own, its orgs have. */
export function refuseInviteOverLimit(
  limits: Limits,
  counts: InviteCounts,
  of: { person: boolean; mails: boolean },
): void {
  if (of.person)
    refuseOver(
      limits.invitationsPerTenMinutes,
      counts.byInviter,
      'You may send %n invitations in 10 minutes.',
    )
  refuseOver(
    limits.pendingPerOrg,
    { count: counts.pending, retryAfter: AN_HOUR },
    'An organisation may have %n open invitations. Revoke some, or wait until some lapse.',
  )
  if (of.mails) refuseMailOverLimit(limits, counts.toAddress)
}

/** @throws rate_limited. */
export function refuseResendOverLimit(
  limits: Limits,
  counts: { lastMinute: Recent; lastDay: Recent; toAddress: Recent },
  of: { mails: boolean },
): void {
  refuseOver(limits.resendsPerMinute, counts.lastMinute, 'An invitation can be sent again %n times a minute.')
  refuseOver(limits.resendsPerDay, counts.lastDay, 'An invitation can be sent again %n times a day.')
  if (of.mails) refuseMailOverLimit(limits, counts.toAddress)
}

function refuseMailOverLimit(limits: Limits, toAddress: Recent): void {
  refuseOver(limits.mailsPerAddressPerDay, toAddress, 'An address gets at most %n invitation mails a day.')
}

export function refuseOver(limit: number, { count, retryAfter }: Recent, sentence: string): void {
  if (count >= limit)
    throw new DomainError('rate_limited', sentence.replace('%n', String(limit)), {
      limit,
      retryAfter: Math.max(1, retryAfter),
    })
}
