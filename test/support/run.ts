import { availableParallelism, constants } from 'node:os'
import { execute, pass, surroundings } from './run/child.ts'
import { playAll } from './run/play.ts'
import { Report } from './run/report.ts'
import { selectFiles } from './run/select.ts'
import { onPostgres } from './run/server.ts'

// Arguments: tests, folders of them or globs, and none for all of them; or a script that needs the server, with its own.

const TEN_MINUTES = 600

let interruption: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    interruption = signal
    pass(signal)
  })

process.exitCode = await onPostgres((server) => run(server, process.argv.slice(2)))

/** Answers the exit code, or what a shell makes of a signal. */
async function run(server: string, args: string[]): Promise<number> {
  const [first = ''] = args
  const env = surroundings(server)
  const isScript = first.endsWith('.ts') && !first.endsWith('.test.ts')
  const code = interruption ? 0 : isScript ? await execute(args, env) : await test(args, env)
  return interruption ? 128 + constants.signals[interruption] : code
}

async function test(named: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const files = await selectFiles(named)
  const report = new Report(files.length, named.length > 0)
  const jobs = Number(process.env.JOBS ?? availableParallelism())
  const conditions = { env, jobs, patience: TEN_MINUTES, isOver: () => interruption !== undefined }
  await playAll(files, conditions, (played) => report.tell(played))
  return report.sumUp() ? 0 : 1
}
