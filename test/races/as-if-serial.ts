import type { Test } from 'tap'
import { byForm } from '../support/form.ts'
import { connectionsFor, type Race, shortOf } from './race.ts'
import { HEAD, rowOf } from './row.ts'
import { openStage } from './stage.ts'

/** Expects each race to end as its calls could one after another. The test's name lists the race's guards. */
export async function testRaces(t: Test, races: readonly Race[]): Promise<void> {
  const stage = await openStage(t, connectionsFor(races))
  t.comment(HEAD)
  for (const race of races)
    await t.test(`${race.name} (${race.guards.map(({ name }) => name).join('; ')})`, async (t) => {
      const wanted = byForm(shortOf(race), race.rounds)
      const result = await race.run(stage, wanted)
      t.equal(result.rounds, wanted)
      t.same(Object.fromEntries(result.violations), {}, 'as if one after another')
      t.comment(rowOf(race, result))
    })
  await t.test('PostgreSQL met no deadlock', async (t) => {
    t.equal(await stage.countDeadlocks(), 0)
  })
}
