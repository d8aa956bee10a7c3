import { createSecretKey, randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { Environment } from '../../../src/config/environment.ts'
import { readSealingKeys } from '../../../src/config/sealing-keys.ts'
import { openSecret, type SealingKeys, sealSecret, signatureOf } from '../../../src/domain/webhooks/secret.ts'
import { startJobs } from '../../support/jobs.ts'
import type { Muster } from '../../support/muster.ts'
import { refusalOf } from '../../support/receiver.ts'
import { type Hooks, openHooks } from './scene.ts'

t.test('after a rotation both secrets verify for 24 hours, and then the new one alone', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  const verify = verifying(hooks, receiver, hook)
  t.same(await verify([hook.secret]), [true])
  const second = await rotate(hooks, hook)
  t.same(await verify([hook.secret, second]), [true, true])

  const [{ left }] = await hooks.query(
    'select expires_at - now() as left from webhook_secrets where expires_at is not null',
  )
  t.match(left, { hours: 23, minutes: 59 })
  await pass(hooks, '23 hours 59 minutes')
  t.same(await verify([hook.secret, second]), [true, true])
  await pass(hooks, '1 minute 1 second')
  t.same(await verify([hook.secret, second]), [false, true])
})

t.test('however often it is rotated in a day, whoever changes over in time is served', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  const verify = verifying(hooks, receiver, hook)
  const secrets = [hook.secret]
  for (let n = 0; n < 3; n++) secrets.push(await rotate(hooks, hook))
  t.equal(new Set(secrets).size, 4)
  t.same(await verify(secrets), [true, true, true, true])
  t.equal(receiver.received.at(-1)?.headers['webhook-signature']?.split(' ').length, 4)

  await pass(hooks, '24 hours 1 second')
  t.same(await verify(secrets), [false, false, false, true])
  secrets.push(await rotate(hooks, hook))
  t.same(await verify(secrets), [false, false, false, true, true])
  t.equal((await hooks.query('select from webhook_secrets')).length, 2, 'the dead ones are deleted')
})

t.test('a second rotation gives the first secret no more time', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  const verify = verifying(hooks, receiver, hook)
  const second = await rotate(hooks, hook)
  await pass(hooks, '23 hours')
  const third = await rotate(hooks, hook)
  await pass(hooks, '1 hour 1 second')
  t.same(await verify([hook.secret, second, third]), [false, true, true])
})

t.test('what is tried again is signed with the secrets of that moment', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const { receiver, hook } = await hooks.hook()
  receiver.answer = 500
  await hooks.happen()
  await hooks.tried(hook, 1)
  const second = await rotate(hooks, hook)
  await pass(hooks, '24 hours 1 second')
  receiver.answer = 200
  await hooks.hurry()
  await hooks.done(hook, 1)
  const [before, after] = receiver.received
  t.equal(before && refusalOf(before, hook.secret), null)
  t.equal(after && refusalOf(after, second), null)
  t.type(after && refusalOf(after, hook.secret), 'string')
})

t.test(
  'SECRETS_KEY can be rotated: a new key before the old one, then without it once nothing needs it',
  async (t) => {
    const [old, new_] = [hexKey(), hexKey()]
    const hooks = await openHooks(t, { SECRETS_KEY: old })
    const { receiver, hook } = await hooks.hook()
    await workWith(t, hooks.muster, `${new_}, ${old}`)
    await hooks.happen()
    await hooks.done(hook, 1)
    t.same(receiver.refused(), [])

    const [{ sealed }] = await hooks.query('select sealed from webhook_secrets')
    const both = keysOf(`${new_},${old}`)
    t.equal(openSecret(both, hook.id, sealed), hook.secret)
    t.throws(() => openSecret(keysOf(new_), hook.id, sealed))
    const resealed = sealSecret(both, hook.id, hook.secret)
    t.equal(openSecret(keysOf(new_), hook.id, resealed), hook.secret, 'the first one seals')
    t.throws(() => openSecret(keysOf(old), hook.id, resealed))
  },
)

t.test('with a foreign key alone nothing is sent, and it goes on when the key is back', async (t) => {
  const old = hexKey()
  const hooks = await openHooks(t, { SECRETS_KEY: old })
  const { receiver, hook } = await hooks.hook()
  const worker = await workWith(t, hooks.muster, hexKey())
  const id = await hooks.happen()
  t.match(await hooks.tried(hook, 0), { status: 'pending', failure: 'not_signed', responseStatus: null })
  t.equal((await hooks.read(hook)).failingSince, null, 'which is no fault of the endpoint')
  await worker.stop()
  t.same(receiver.received, [])
  await hooks.work()
  await hooks.hurry()
  await hooks.done(hook, 1)
  t.match(receiver.received, [{ id }])
  t.same(receiver.refused(), [])
})

t.test('nobody gives one webhook the secret of another', async (t) => {
  const hooks = await openHooks(t)
  await hooks.work()
  const mine = await hooks.hook(['member.left'])
  const theirs = await hooks.hook(['member.left'])
  await hooks.query(
    'update webhook_secrets set sealed = (select sealed from webhook_secrets where webhook_id = $1)',
    [mine.hook.id],
  )
  await hooks.test(theirs.hook)
  t.match(await hooks.tried(theirs.hook, 0), { status: 'pending', failure: 'not_signed' })
  await hooks.test(mine.hook)
  await hooks.done(mine.hook, 1)
  t.same(theirs.receiver.received, [])
  t.same(mine.receiver.refused(), [])
})

t.test('a sealed secret opens as it was, and to nobody when anything of it is other', (t) => {
  const keys: SealingKeys = [createSecretKey(randomBytes(32))]
  const sealed = sealSecret(keys, 'one', 'whsec_x')
  t.equal(openSecret(keys, 'one', sealed), 'whsec_x')
  t.notOk(sealed.includes('whsec'))
  t.not(sealSecret(keys, 'one', 'whsec_x').toString('hex'), sealed.toString('hex'), 'never twice alike')
  t.throws(() => openSecret(keys, 'two', sealed))
  for (let at = 0; at < sealed.length; at++) {
    const other = Buffer.from(sealed)
    other[at] = (other[at] ?? 0) ^ 1
    t.throws(() => openSecret(keys, 'one', other), `byte ${at}`)
  }
  for (const length of [0, 8, 20, 36, sealed.length - 1])
    t.throws(() => openSecret(keys, 'one', sealed.subarray(0, length)), `${length} bytes`)
  t.end()
})

t.test('a signature is the one of the specification’s own example', (t) => {
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const told = { id, timestamp: 1614265330, body: '{"test": 2432232314}' }
  t.equal(signatureOf([secret], told), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  t.end()
})

function verifying(
  hooks: Hooks,
  receiver: Awaited<ReturnType<Hooks['hook']>>['receiver'],
  hook: { id: string },
) {
  let sent = 0
  return async (secrets: readonly string[]): Promise<boolean[]> => {
    await hooks.happen()
    sent += 1
    await hooks.done(hook, sent)
    const last = receiver.received.at(-1)
    return secrets.map((secret) => last !== undefined && refusalOf(last, secret) === null)
  }
}

async function rotate({ backend }: Hooks, { id }: { id: string }): Promise<string> {
  return (await backend.post(`/webhooks/${id}/rotate-secret`)).body.secret
}

/** So much of the time that an old secret has left. */
function pass({ query }: Hooks, interval: string): Promise<unknown> {
  return query('update webhook_secrets set expires_at = expires_at - $1::interval', [interval])
}

function hexKey(): string {
  return randomBytes(32).toString('hex')
}

function keysOf(text: string): SealingKeys {
  return readSealingKeys(new Environment({ SECRETS_KEY: text }), '')
}

function workWith(t: Test, muster: Muster, keys: string) {
  const { webhooks } = muster.config
  return startJobs(t, {
    ...muster,
    config: { ...muster.config, webhooks: { ...webhooks, keys: keysOf(keys) } },
  })
}
