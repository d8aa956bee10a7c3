import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { joined, type Tx, together } from '../../db/client.ts'
import { DomainError } from '../../domain/errors.ts'
import { findAnswer, keepAnswer, tryLockKey } from '../../domain/idempotency/queries.ts'
import type { Answer } from '../answer.ts'
import type { Work } from '../api.ts'

/**
 * Lets a change take effect once for an `Idempotency-Key`. The answer is kept in the transaction of the change: after a
 * crash both are there, or neither. Only a success is kept, since a refused call changed nothing.
 *
 * @param change receives the transaction of the kept answer, and can reach no other.
 * @param mayStill is asked before a kept answer is given again: a caller whose right has ended gets no answer.
 * @returns a work that throws idempotency_in_progress, idempotency_key_reused, and all that `change` throws.
 */
export function once<R extends FastifyRequest, T>(
  change: Work<R, T>,
  mayStill: (tx: Tx, request: NoInfer<R>) => Promise<void> = async () => {},
): Work<R, T> {
  return (db, request) => {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string') return change(db, request)
    return db.transaction((tx) => onceIn(tx, key, request, change, mayStill))
  }
}

async function onceIn<R extends FastifyRequest, T>(
  tx: Tx,
  key: string,
  request: R,
  change: Work<R, T>,
  mayStill: (tx: Tx, request: R) => Promise<void>,
): Promise<Answer<T>> {
  const { type, id } = request.actor
  const scope = JSON.stringify([type, id, request.method, request.url, key])
  const record = sha256(scope)
  const fingerprint = sha256(JSON.stringify(request.body ?? null))
  const [isFree, kept] = await together(tryLockKey(tx, record), findAnswer(tx, record))
  if (!isFree)
    throw new DomainError('idempotency_in_progress', 'The first call with this key is still running.')
  if (kept && !kept.fingerprint.equals(fingerprint))
    throw new DomainError('idempotency_key_reused', 'This key was used with another body. Use a new one.')
  if (kept) {
    await mayStill(tx, request)
    return { ...unseal<T>(kept.answer, scope), replayed: true }
  }
  const answer = await change(joined(tx), request)
  await keepAnswer(tx, { id: record, fingerprint, answer: seal(answer, scope) })
  return answer
}

// An answer can hold an invitation's code, and no table holds a readable one. The sealing key is made from the caller's
// Idempotency-Key, of which only a hash is kept: a caller who has the key can open the answer, a dump cannot.
// AES-256-GCM (NIST SP 800-38D), HKDF (RFC 5869); salt 16 bytes, tag 16 bytes, then the text.
function seal(answer: Answer<unknown>, scope: string): Buffer {
  const salt = randomBytes(16)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(scope, salt), NONCE)
  const text = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()])
  return Buffer.concat([salt, cipher.getAuthTag(), text])
}

function unseal<T>(sealed: Buffer, scope: string): Answer<T> {
  const cipher = createDecipheriv('aes-256-gcm', sealingKey(scope, sealed.subarray(0, 16)), NONCE)
  cipher.setAuthTag(sealed.subarray(16, 32))
  return JSON.parse(Buffer.concat([cipher.update(sealed.subarray(32)), cipher.final()]).toString('utf8'))
}

// Each salt makes a new key, and each key seals one text. So the nonce may be constant.
const NONCE = Buffer.alloc(12)

function sealingKey(scope: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', scope, salt, 'muster idempotency', 32))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
