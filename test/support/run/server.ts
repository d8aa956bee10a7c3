import { dropTemplate, makeTemplate } from '../postgres.ts'
import { startThrowaway } from '../throwaway.ts'

/** Provides a server for this run, or the one of `TEST_DATABASE_URL`, with the template that tests clone. */
export async function onPostgres(job: (server: string) => Promise<number>): Promise<number> {
  const given = process.env.TEST_DATABASE_URL
  const { url, stop } = given
    ? { url: given, stop: () => dropTemplate(given) }
    : await startThrowaway(() => {})
  try {
    await makeTemplate(url)
    return await job(url)
  } finally {
    await stop()
  }
}
