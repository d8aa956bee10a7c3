import t from 'tap'
import { until } from '../jobs/scene.ts'
import { byForm } from '../support/form.ts'
import { cloneDatabase } from '../support/postgres.ts'
import { startProcess } from '../support/process.ts'
import { startSmtp } from '../support/smtp.ts'
import { settleAccounts } from './account.ts'
import { SECRET, startLoad } from './load.ts'

const KILLS = byForm(3, 50)

t.test('a service that is killed in the middle of its work loses nothing that it acknowledged', async (t) => {
  const smtp = await startSmtp(t)
  const databaseUrl = await cloneDatabase(t)
  const env = {
    DATABASE_URL: databaseUrl,
    SMTP_URL: smtp.url,
    JWT_SECRET: SECRET,
    MUSTER_DATA_DIR: t.testdir(),
    LOG_LEVEL: 'info',
  }
  let muster = startProcess(t, env)
  const place = { url: await muster.url }
  const load = startLoad(place, 8)
  for (let kills = 0; kills < KILLS; kills++) {
    const begun = load.deeds.length
    await until('everybody is at work', () => load.deeds.length > begun + 12 + 5 * (kills % 5))
    muster.kill('SIGKILL')
    t.equal((await muster.ended).exit, 'SIGKILL', 'it was killed')
    muster = startProcess(t, env)
    place.url = await muster.url
  }
  await load.stop()
  t.comment(`      ${KILLS} × kill -9 of the service`)
  await settleAccounts(t, load, place, databaseUrl, smtp)
})
