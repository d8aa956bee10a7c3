import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Returns the command line of a process: undefined when no process has this pid, empty when it ended unreaped. */
export function commandOf(pid: number): string | undefined {
  if (!(pid > 0)) return undefined
  try {
    return process.platform === 'linux' ? readProc(pid) : askPs(pid)
  } catch {
    return undefined
  }
}

/** Returns the pid in the first line of a file, or 0 when it has none. */
export function readPid(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0
  } catch {
    return 0
  }
}

function readProc(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
}

function askPs(pid: number): string {
  return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
}
