import { DomainError } from '../errors.ts'

/** Limits on invitations. All of them are settings; docs name them `LIMIT_…`. */
export interface Limits {
  readonly resendsPerMinute: number
  readonly resendsPerDay: number
  readonly invitationsPerTenMinutes: number
  readonly pendingPerOrg: number
  readonly mailsPerAddressPerDay: number
  readonly wrongCodesPerMinute: number
}

/** The number within a period, and the seconds until the oldest leaves it. */
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

export interface ResendCounts {
  readonly pending: number
  readonly isMember: boolean
  readonly lastMinute: Recent
  readonly lastDay: Recent
  readonly toAddress: Recent
}

const AN_HOUR = 3600

/** @throws rate_limited. Only a user has a limit of their own; a service has those of the orgs and addresses. */
export function refuseInviteOverLimit(
  limits: Limits,
  counts: Omit<InviteCounts, 'isMember'>,
  of: { person: boolean; mails: boolean },
): void {
  refuseOver(
    pendingLimit(limits, counts.pending),
    of.person && {
      limit: limits.invitationsPerTenMinutes,
      recent: counts.byInviter,
      sentence: 'You may send %n invitations in 10 minutes.',
    },
    of.mails && mailLimit(limits, counts.toAddress),
  )
}

/** @throws rate_limited. A lapsed invitation that is sent again counts as one more that is pending. */
export function refuseResendOverLimit(
  limits: Limits,
  counts: Omit<ResendCounts, 'isMember'>,
  of: { lapsed: boolean; mails: boolean },
): void {
  refuseOver(
    of.lapsed && pendingLimit(limits, counts.pending),
    {
      limit: limits.resendsPerMinute,
      recent: counts.lastMinute,
      sentence: 'An invitation can be sent again %n times a minute.',
    },
    {
      limit: limits.resendsPerDay,
      recent: counts.lastDay,
      sentence: 'An invitation can be sent again %n times a day.',
    },
    of.mails && mailLimit(limits, counts.toAddress),
  )
}

/** A caller who looks for an invitation by a code, as hashes of the user and of the network address. */
export interface Guesser {
  readonly triedBy: readonly Buffer[]
  /** Wrong codes that each of them may try in a minute. */
  readonly perMinute: number
}

/** @throws rate_limited, for a right code too. */
export function refuseGuesser({ perMinute }: Pick<Guesser, 'perMinute'>, recent: Recent | null): void {
  if (recent) refuseOver({ limit: perMinute, recent, sentence: 'You may try %n wrong codes a minute.' })
}

interface Measured {
  readonly limit: number
  readonly recent: Recent
  readonly sentence: string
}

function pendingLimit(limits: Limits, pending: number): Measured {
  return {
    limit: limits.pendingPerOrg,
    recent: { count: pending, retryAfter: AN_HOUR },
    sentence: 'An organisation may have %n open invitations. Revoke some, or wait until some lapse.',
  }
}

function mailLimit(limits: Limits, toAddress: Recent): Measured {
  return {
    limit: limits.mailsPerAddressPerDay,
    recent: toAddress,
    sentence: 'An address gets at most %n invitation mails a day.',
  }
}

/** Reports the limit that lasts longest, so that a caller who waits as long as they are told gets through. */
function refuseOver(...measured: (Measured | false)[]): void {
  const [worst] = measured
    .filter((one) => one !== false)
    .filter(({ limit, recent }) => recent.count >= limit)
    .sort((a, b) => b.recent.retryAfter - a.recent.retryAfter)
  if (!worst) return
  const { limit, recent, sentence } = worst
  throw new DomainError('rate_limited', sentence.replace('%n', String(limit)), {
    limit,
    retryAfter: Math.max(1, recent.retryAfter),
  })
}
