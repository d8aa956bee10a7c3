import type { Test } from 'tap'
import { connectionsFor, type Race } from './race.ts'
import { openStage } from './stage.ts'

/** Each race ends as its calls could have one after another. What it turns red without stands in its test's name. */
export async function testRaces(t: Test, races: readonly Race[]): Promise<void> {
  const stage = await openStage(t, connectionsFor(races))
  for (const race of races)
    await t.test(`${race.name} (${race.guards.map(({ name }) => name).join('; ')})`, async (t) => {
      const { rounds, violations } = await race.run(stage)
      t.equal(rounds, race.rounds)
      t.same(Object.fromEntries(violations), {}, 'as if one after another')
    })
  await t.test('PostgreSQL met no deadlock', async (t) => {
    t.equal(await stage.countDeadlocks(), 0)
  })
}
