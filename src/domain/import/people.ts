import type { ProfileInput } from '../users/user.ts'
import type { Line } from './line.ts'

/** A person whom lines name, and what the lines say of them. */
export type Person = ProfileInput & { readonly userId: string; readonly signedUp?: boolean }

/** Returns each person once. Of each field, the first value counts. */
export function peopleIn(lines: readonly Line[]): Person[] {
  const people = new Map<string, Person>()
  for (const told of lines.flatMap(namedBy)) {
    const known = people.get(told.userId) ?? told
    const { email, emailVerified } = known.email === undefined ? told : known
    const signedUp = known.signedUp || told.signedUp
    const name = known.name ?? told.name
    people.set(told.userId, { userId: told.userId, email, emailVerified, name, signedUp })
  }
  return [...people.values()]
}

function namedBy(line: Line): Person[] {
  if (line.type === 'org')
    return [line.adminUserId, line.namedAfter].flatMap((userId) => (userId === undefined ? [] : [{ userId }]))
  if (line.type === 'resource') return []
  if (line.type === 'grant') return [{ userId: line.userId }]
  const { userId, email, emailVerified, name, signedUp } = line
  return [{ userId, email, emailVerified, name, signedUp }]
}
