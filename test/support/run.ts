import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { dropTemplate, makeTemplate } from './postgres.ts'
import { buildTap } from './tap-build.ts'
import { startThrowaway } from './throwaway.ts'

const BIN = join(import.meta.dirname, '../../node_modules/.bin')

let child: ChildProcess | undefined
let interruption: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, passOn)

process.exitCode = await onPostgres((server) => run(server, process.argv.slice(2)))

/** A server for this run, or the one of `TEST_DATABASE_URL`, with the template that tests clone. */
async function onPostgres(job: (server: string) => Promise<number>): Promise<number> {
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

/** A script that needs the server, or tap with all it understands: tests, globs, options. */
async function run(server: string, args: string[]): Promise<number> {
  const [first = ''] = args
  if (first.endsWith('.ts') && !first.endsWith('.test.ts')) return execute(server, process.execPath, args)
  await buildTap()
  let ending = ''
  const code = await execute(server, 'tap', args, (text) => {
    ending = (ending + text).slice(-10_000)
  })
  if (!interruption) sumUp(ending)
  return code
}

/** Answers the exit code, or what a shell makes of a signal. On a terminal the child writes to it itself, in colour. */
function execute(
  server: string,
  command: string,
  args: string[],
  read?: (text: string) => void,
): Promise<number> {
  const env = { ...process.env, TEST_DATABASE_URL: server, PATH: [BIN, process.env.PATH].join(delimiter) }
  const output = process.stdout.isTTY ? 'inherit' : 'pipe'
  return new Promise((resolve, reject) => {
    if (interruption) return resolve(128 + constants.signals[interruption])
    child = spawn(command, args, { env, stdio: ['inherit', output, 'inherit'], detached: true })
    child.stdout
      ?.setEncoding('utf8')
      .on('data', (text) => read?.(text))
      .pipe(process.stdout)
    child.once('error', reject)
    child.once('exit', () => {
      child = undefined
    })
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}

/** Tap ends with `# { total: 12, pass: 11, fail: 1 }`, without what is zero; on a terminal it says more, and nicer. */
function sumUp(ending: string): void {
  const [total] = ending.match(/^# \{ total: .*\}$/m) ?? []
  const count = (name: string) => total?.match(`${name}: (\\d+)`)?.[1] ?? 0
  if (total) console.log(`${count('pass')} passed, ${count('fail')} failed`)
}

/** To the whole group of the child: tap by itself would wait until its tests have ended. */
function passOn(signal: NodeJS.Signals): void {
  interruption = signal
  if (child?.pid) process.kill(-child.pid, signal)
}
