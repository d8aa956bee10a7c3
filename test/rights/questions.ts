import { deepStrictEqual } from 'node:assert/strict'
import type { Database } from '../../src/db/client.ts'
import { checkAccess } from '../../src/domain/access/check.ts'
import { explainAccess } from '../../src/domain/access/explain.ts'
import { listResourceMembers } from '../../src/domain/resources/members.ts'
import { getResource, listResources } from '../../src/domain/resources/read.ts'
import type { Random } from '../faults/random.ts'
import { explanationOf, peopleAsListed, visibleTo } from './expected.ts'
import { BACKEND, NOWHERE, STRANGER, USERS } from './histories.ts'
import {
  mayDo,
  type Permission,
  type Place,
  permissionsAt,
  reasonsFor,
  refusalFor,
  roleOf,
  type World,
} from './model.ts'
import { actorOf, outcomeOf } from './play.ts'

/** The world that is asked about, and a source of chance. */
export interface Inquiry {
  readonly db: Database
  readonly world: World
  /** All ids of resources that ever existed, in any organisation. */
  readonly known: readonly string[]
  readonly random: Random
}

const EVERYBODY = [...USERS, STRANGER]
const QUESTIONS_AT_ONCE = 100
const NIL = '00000000-0000-0000-0000-000000000000'

/** Asks for every user at every place that exists, did once, or never did, each with a random permission. */
export async function compareVerdicts({ db, world, known, random }: Inquiry) {
  const questions = [...world.keys(), NOWHERE].flatMap((orgId) =>
    EVERYBODY.flatMap((userId) =>
      [null, NOWHERE, ...known].map((place) => ({ orgId, userId, place, permission: draw(random, place) })),
    ),
  )
  const expected = questions.map(({ orgId, userId, place, permission }) => {
    const org = world.get(orgId)
    const [reason] = reasonsFor(org, userId, place)
    const type = reason?.source ? 'resource' : 'organization'
    const source = reason ? { type, id: reason.source ?? orgId } : null
    return { allowed: mayDo(org, userId, permission, place), role: reason?.role ?? null, source }
  })
  const verdicts = []
  for (let start = 0; start < questions.length; start += QUESTIONS_AT_ONCE) {
    const batch = questions.slice(start, start + QUESTIONS_AT_ONCE)
    const asked = batch.map(({ place, ...where }) => ({ ...where, ...(place && { resourceId: place }) }))
    verdicts.push(...(await checkAccess(db, actorOf(BACKEND), asked)))
  }
  const withQuestion = (answers: readonly object[]) =>
    questions.map((asked, n) => ({ ...asked, ...answers[n] }))
  deepStrictEqual(withQuestion(verdicts), withQuestion(expected))
  return { verdicts: questions.length, allowed: expected.filter(({ allowed }) => allowed).length }
}

/** Asks for each person's list of resources, and now and then for what lies directly in one of them. */
export async function compareLists({ db, world, known, random }: Inquiry): Promise<number> {
  const asked = [...world.keys()].flatMap((orgId) =>
    [...EVERYBODY, BACKEND].map((asker) => {
      const parentId = random.chance(0.2) ? random.pickAny(known) : undefined
      return { orgId, asker, parentId, limit: 1 + random.below(6) }
    }),
  )
  return compareEach(asked, async ({ orgId, asker, parentId, limit }) => {
    const org = world.get(orgId)
    const listed = await pagesOf(
      limit,
      (after) => listResources(db, actorOf(asker), { orgId, after, limit, parentId }),
      ({ id }) => id,
    )
    const expected = org ? visibleTo(org, asker) : []
    return {
      actual: map(listed, ({ id, orgId, parentId, name, path, role }) => {
        return { id, orgId, parentId, name, path, role }
      }),
      expected:
        refusalFor(org, userOf(asker), 'org:read', null) ??
        expected.filter((resource) => parentId === undefined || resource.parentId === parentId),
    }
  })
}

/** Reads the people with a right on each resource, as one caller, and the resource itself, as another. */
export async function comparePeople({ db, world, known, random }: Inquiry): Promise<number> {
  const asked = [...world.values(), undefined].flatMap((org) =>
    [...(org?.resources.keys() ?? []), random.pickAny([NOWHERE, ...known]) ?? NOWHERE].map((resourceId) => {
      const orgId = org?.id ?? NOWHERE
      const asker = random.chance(0.6) ? BACKEND : random.pickAny(EVERYBODY)
      return { orgId, resourceId, asker, reader: random.pickAny(EVERYBODY), limit: 1 + random.below(4) }
    }),
  )
  return compareEach(asked, async ({ asker = BACKEND, reader = BACKEND, limit, ...place }) => {
    const org = world.get(place.orgId)
    const people = await pagesOf(
      limit,
      (after) => listResourceMembers(db, actorOf(asker), { ...place, after, limit }),
      ({ userId }) => userId,
    )
    const seen = await outcomeOf(getResource(db, actorOf(reader), place))
    const refusalOf = (who: string) => refusalFor(org, userOf(who), 'resource:read', place.resourceId)
    return {
      actual: { people, role: typeof seen === 'string' ? seen : seen.role },
      expected: {
        people: refusalOf(asker) ?? (org && peopleAsListed(org, place.resourceId, asker)),
        role: refusalOf(reader) ?? roleOf(org, reader, place.resourceId),
      },
    }
  })
}

/** Asks why each user may what they may: as the backend, as the user, or as any user. */
export async function compareExplanations({ db, world, random }: Inquiry): Promise<number> {
  const asked = [...world.keys()].flatMap((orgId) =>
    EVERYBODY.map((userId) => {
      const asker = random.pickAny([BACKEND, BACKEND, userId, ...EVERYBODY])
      return { orgId, userId, asker, limit: 1 + random.below(6) }
    }),
  )
  return compareEach(asked, async ({ orgId, userId, asker = BACKEND, limit }) => {
    const org = world.get(orgId)
    const explained = await pagesOf(
      limit,
      (after) => explainAccess(db, actorOf(asker), { orgId, userId, after, limit }),
      ({ resource }) => resource?.id ?? NIL,
    )
    const needed = asker === userId ? 'org:read' : 'members:manage'
    const isMember = org?.members.has(userId)
    return {
      actual: map(explained, ({ resource, role, permissions, reasons }) => ({
        resource,
        role,
        permissions: permissions.toSorted(),
        reasons: reasons.map(({ role, source, grantedBy }) => ({ role, source, grantedBy })),
      })),
      expected:
        refusalFor(org, userOf(asker), needed, null) ??
        (org && isMember ? explanationOf(org, userId) : 'member_not_found'),
    }
  })
}

function userOf(asker: string): string | null {
  return asker === BACKEND ? null : asker
}

function draw(random: Random, place: Place): Permission {
  return random.pickAny(permissionsAt(place)) ?? 'billing:read'
}

/** Reads a whole list, in which each page but the last is full, or returns the code of its refusal. */
async function pagesOf<Row>(
  limit: number,
  read: (after: string | undefined) => Promise<Row[]>,
  keyOf: (row: Row) => string,
): Promise<Row[] | string> {
  const rows: Row[] = []
  for (let after: string | undefined; rows.length < 100; ) {
    const page = await outcomeOf(read(after))
    if (typeof page === 'string') return page
    rows.push(...page.slice(0, limit))
    const [last] = rows.slice(-1)
    if (page.length !== limit + 1 || !last) return rows
    after = keyOf(last)
  }
  return 'a list without an end'
}

function map<Row, T>(listed: readonly Row[] | string, tell: (row: Row) => T): T[] | string {
  return typeof listed === 'string' ? listed : listed.map(tell)
}

async function compareEach<Q extends object>(
  questions: readonly Q[],
  ask: (question: Q) => Promise<{ actual: unknown; expected: unknown }>,
): Promise<number> {
  const answers = await Promise.all(
    questions.map(async (question) => ({ question, ...(await ask(question)) })),
  )
  deepStrictEqual(
    answers.map(({ question, actual }) => ({ question, answer: actual })),
    answers.map(({ question, expected }) => ({ question, answer: expected })),
  )
  return questions.length
}
