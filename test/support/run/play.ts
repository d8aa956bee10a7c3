import type { Readable } from 'node:stream'
import { signalGroup, start } from './child.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** Result of a test file. */
export interface Played extends Outcome {
  readonly file: string
  readonly seconds: number
  readonly tap: string
  readonly stderr: string
}

interface Conditions {
  readonly env: NodeJS.ProcessEnv
  /** Files that run at the same time. */
  readonly jobs: number
  /** Seconds after which a file certainly hangs, even on a busy machine; null for one that may take its time. */
  readonly patience: number | null
  /** Says when no further file is to begin. */
  isOver(): boolean
}

/** Plays the files in this order, each in a process of its own, and reports each as soon as it has ended. */
export async function playAll(
  files: readonly string[],
  conditions: Conditions,
  tell: (played: Played) => void,
) {
  const left = files.values()
  const lane = async () => {
    for (const file of left) {
      if (conditions.isOver()) return
      const played = await play(file, conditions)
      if (!conditions.isOver()) tell(played)
    }
  }
  await Promise.all(Array.from({ length: conditions.jobs }, lane))
}

async function play(file: string, { env, patience }: Conditions): Promise<Played> {
  const begun = performance.now()
  const child = start([file], { ...env, TAP: '1', TAP_TIMEOUT: String(patience ?? 0) }, [
    'ignore',
    'pipe',
    'pipe',
  ])
  // Tap reports what is still running when its time is over. This kills a process that cannot even do that.
  const end = patience && setTimeout(() => signalGroup(child, 'SIGKILL'), (patience + 20) * 1000)
  const [tap, stderr, ending] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<string>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
    }),
  ])
  if (end) clearTimeout(end)
  return { file, seconds: (performance.now() - begun) / 1000, tap, stderr, ...outcomeOf(tap, ending) }
}

async function textOf(stream: Readable | null): Promise<string> {
  let text = ''
  for await (const part of stream?.setEncoding('utf8') ?? []) text += part
  return text
}
