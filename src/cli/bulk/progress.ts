/** How far an import is. */
export interface Sums {
  lines: number
  added: number
  there: number
  refused: number
  /** Of the file. */
  bytes: number
}

// Milliseconds.
const ON_A_TERMINAL = 200
const ELSEWHERE = 5_000

export interface Progress {
  tell(sums: Sums): void
  end(sums: Sums): void
}

/**
 * A line that is written over on a terminal, one each five seconds elsewhere: how much, how fast, how long still.
 *
 * @param size of the file in bytes, or undefined where it is not known.
 */
export function openProgress(size: number | undefined, out: NodeJS.WriteStream = process.stderr): Progress {
  const begun = performance.now()
  let told = begun
  const say = (sums: Sums, end: string) => {
    const seconds = (performance.now() - begun) / 1000
    const done = size ? sums.bytes / size : undefined
    const words = [
      `${sums.lines.toLocaleString('en')} lines`,
      `${Math.round(sums.lines / Math.max(seconds, 0.001)).toLocaleString('en')} a second`,
      `${sums.added.toLocaleString('en')} added, ${sums.there.toLocaleString('en')} there, ${sums.refused.toLocaleString('en')} refused`,
      ...(done !== undefined && done > 0 && done < 1 ? [`${clock((seconds * (1 - done)) / done)} left`] : []),
    ].join(' · ')
    if (!out.isTTY) return void out.write(`${words}\n`)
    const bar = done === undefined ? '' : `${barOf(done)} `
    out.write(`\r\x1b[K${bar}${words}${end}`)
  }
  return {
    tell: (sums) => {
      const now = performance.now()
      if (now - told < (out.isTTY ? ON_A_TERMINAL : ELSEWHERE)) return
      told = now
      say(sums, '')
    },
    end: (sums) => say(sums, '\n'),
  }
}

function barOf(done: number): string {
  const full = Math.round(done * 20)
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${String(Math.floor(done * 100)).padStart(3)} %`
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
