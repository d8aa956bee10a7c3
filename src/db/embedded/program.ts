import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs'
import type { Files } from './layout.ts'
import type { Way } from './root.ts'
import { commandLine, surroundings } from './way.ts'

export interface Program {
  pid: number
  signal(signal: NodeJS.Signals): void
  /** Its exit code, null when a signal ended it. */
  ended: Promise<number | null>
  hasEnded(): boolean
  /** The last lines that it wrote to the log. */
  lastWords(): string
}

/**
 * Starts a program of PostgreSQL that writes to the log. Gives it a session of its own, so that Ctrl-C in the terminal
 * reaches Muster alone.
 */
export async function run(files: Files, way: Way, program: string, args: string[]): Promise<Program> {
  const log = openLog(files.log)
  const [command, rest] = commandLine(way, program, args)
  const child = spawn(command, rest, {
    ...surroundings(way),
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
  })
  closeSync(log.descriptor)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await once(child, 'spawn')
  return {
    pid: child.pid ?? 0,
    signal: (signal) => child.kill(signal),
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    lastWords: () => tail(files.log, log.start),
  }
}

function openLog(file: string): { descriptor: number; start: number } {
  const descriptor = openSync(file, 'a', 0o600)
  const MiB = 1024 * 1024
  if (fstatSync(descriptor).size > 10 * MiB) ftruncateSync(descriptor)
  return { descriptor, start: fstatSync(descriptor).size }
}

function tail(file: string, start: number): string {
  const written = readFileSync(file).subarray(start).toString()
  return written.trim().split('\n').slice(-12).join('\n')
}
