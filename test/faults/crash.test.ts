import t from 'tap'
import { until } from '../jobs/scene.ts'
import { startProcess } from '../support/process.ts'
import { startSmtp } from '../support/smtp.ts'
import { settleAccounts } from './account.ts'
import { startFragilePostgres } from './fragile-postgres.ts'
import { SECRET, startLoad } from './load.ts'

t.test(
  'PostgreSQL crashes under load: nothing acknowledged is lost, and Muster comes back by itself',
  async (t) => {
    const smtp = await startSmtp(t)
    const postgres = await startFragilePostgres(t)
    const muster = startProcess(t, {
      DATABASE_URL: postgres.url,
      SMTP_URL: smtp.url,
      JWT_SECRET: SECRET,
      MUSTER_DATA_DIR: t.testdirName,
      LOG_LEVEL: 'info',
    })
    const place = { url: await muster.url }
    const load = startLoad(place, 8)
    const crash = async (what: string, happens: () => Promise<void>) => {
      const calm = load.deeds.length
      await until('everybody is at work', () => load.deeds.length > calm + 8)
      const known = load.refusals.length
      await happens()
      const begun = performance.now()
      const before = load.deeds.length
      await until('it works again', () => load.deeds.length > before + 8)
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const refused = load.refusals.length - known
      t.ok(refused > 0, `after ${what} somebody was told to try again`)
      t.comment(`      ${what}: ${refused} answers 503, and at work ${seconds} s after it was over`)
    }

    await crash('a kill -9 of a backend', () => postgres.killBackend())
    for (const signal of ['SIGQUIT', 'SIGKILL'] as const)
      await crash(`a ${signal} of the server`, async () => {
        const known = load.refusals.length
        await postgres.kill(signal)
        await until('somebody is told to try again', () => load.refusals.length > known)
        await postgres.start()
      })
    await load.stop()

    const unavailable = load.refusals.filter(({ code }) => code === 'unavailable')
    const slowest = Math.max(...unavailable.map(({ milliseconds }) => milliseconds))
    t.ok(
      unavailable.every(({ status, retryAfter }) => status === 503 && retryAfter === '1'),
      'each was told when',
    )
    t.ok(slowest < 2_500, 'and within 2.5 seconds')
    t.comment(`      the slowest 503 came after ${slowest.toFixed(0)} ms`)
    await settleAccounts(t, load, place, postgres.url, smtp)
  },
)
