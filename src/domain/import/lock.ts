import type { Tx } from '../../db/client.ts'
import { Overtaken } from '../../db/errors.ts'
import type { NamedOrg } from './known.ts'
import { type Numbered, type OrgLine, orgNameOf } from './line.ts'
import { findAndLockOrgs, hasOrgNamed, insertOrgs } from './queries/import.ts'

/**
 * Opens the organisations that lines name, for all that they add: locks the existing ones and makes the others.
 *
 * @returns them by the name that the lines use; an organisation whose slug is taken is missing.
 * @throws Overtaken when another transaction has just made one of them.
 */
export async function lockNamedOrgs(
  tx: Tx,
  lines: readonly Numbered[],
): Promise<ReadonlyMap<string, NamedOrg>> {
  const there = await findAndLockOrgs(
    tx,
    lines.map(({ line }) => orgNameOf(line)),
  )
  const others = lines.filter(isOrgLine).filter(({ line }) => !there.has(line.externalId))
  const made = await makeOrgs(tx, others)
  const missing = others.map(({ line }) => line.externalId).filter((name) => !made.has(name))
  if (await hasOrgNamed(tx, missing)) throw new Overtaken()
  return new Map([...there, ...made])
}

/** Makes the organisations. If the slug of a line is taken, the next line of that name gets its turn. */
async function makeOrgs(tx: Tx, lines: readonly Numbered<OrgLine>[]): Promise<Map<string, NamedOrg>> {
  const orgs = new Map<string, NamedOrg>()
  let waiting = lines
  while (waiting.length > 0) {
    const first = firstByName(waiting)
    const made = await insertOrgs(
      tx,
      [...first.values()].map(({ line }) => line),
    )
    for (const [name, { number }] of first) {
      const org = made.get(name)
      if (org) orgs.set(name, { id: org.id, made: org, since: number, trouble: null })
    }
    waiting = waiting.filter(
      (one) => first.get(one.line.externalId) !== one && !orgs.has(one.line.externalId),
    )
  }
  return orgs
}

function firstByName(lines: readonly Numbered<OrgLine>[]): Map<string, Numbered<OrgLine>> {
  const first = new Map<string, Numbered<OrgLine>>()
  for (const one of lines) if (!first.has(one.line.externalId)) first.set(one.line.externalId, one)
  return first
}

function isOrgLine(one: Numbered): one is Numbered<OrgLine> {
  return one.line.type === 'org'
}
