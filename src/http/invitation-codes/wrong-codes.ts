import type { FastifyRequest } from 'fastify'
import { countMisses } from '../../domain/invitations/count-misses.ts'
import type { Guesser } from '../../domain/invitations/limits.ts'
import type { Work } from '../api.ts'

/**
 * Counts a wrong code against the caller and against the address it came from. A miss is counted after its
 * transaction has been rolled back, so this wraps `once`, and not the other way round.
 */
export function countingWrongCodes<R extends FastifyRequest, T>(
  { wrongCodesPerMinute }: { readonly wrongCodesPerMinute: number },
  workFor: (guesser: Guesser) => Work<R, T>,
): Work<R, T> {
  return (db, request) => {
    const { actor, ip } = request
    const caller = actor ? [`caller ${actor.type} ${actor.id}`] : []
    const who = [`address ${ip}`, ...caller]
    return countMisses(db, wrongCodesPerMinute, who, (guesser) => workFor(guesser)(db, request))
  }
}
