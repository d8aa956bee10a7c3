import { availableParallelism, constants } from 'node:os'
import { execute, pass, surroundings } from './run/child.ts'
import { playAll } from './run/play.ts'
import { Report } from './run/report.ts'
import { selectFiles, WITH_LONG_FORM } from './run/select.ts'
import { onPostgres } from './run/server.ts'

// Arguments: tests, their folders or globs, or none for all tests; or a script that needs the server, with its own.
// `--long` before them plays the long forms; without names, all that have one.

const TEN_MINUTES = 600
// One more than there are processors, because some tests mostly wait.
const JOBS = availableParallelism() + 1

let interruption: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    interruption = signal
    pass(signal)
  })

process.exitCode = await onPostgres((server) => run(server, process.argv.slice(2)))

/** Returns the exit code, or the one that a shell makes of a signal. */
async function run(server: string, args: string[]): Promise<number> {
  const [first = ''] = args
  const env = surroundings(server)
  const isScript = first.endsWith('.ts') && !first.endsWith('.test.ts')
  const code = interruption ? 0 : isScript ? await execute(args, env) : await test(args, env)
  return interruption ? 128 + constants.signals[interruption] : code
}

async function test(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const isLong = args[0] === '--long'
  const named = isLong ? args.slice(1) : args
  const files = await selectFiles(isLong && named.length === 0 ? WITH_LONG_FORM : named)
  const report = new Report(files.length, args.length > 0)
  const conditions = {
    ...(isLong ? { env: { ...env, FORM: 'long' }, patience: null } : { env, patience: TEN_MINUTES }),
    jobs: JOBS,
    isOver: () => interruption !== undefined,
  }
  await playAll(files, conditions, (played) => report.tell(played))
  return interruption || report.sumUp() ? 0 : 1
}
