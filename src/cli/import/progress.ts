/** Progress of an import. */
export interface Sums {
  lines: number
  added: number
  there: number
  refused: number
  /** Bytes of the file so far. */
  bytes: number
}

// Milliseconds.
const ON_A_TERMINAL = 200
const ELSEWHERE = 5_000

/** The part of `process.stderr` that this needs. */
type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>

export interface Progress {
  tell(sums: Sums): void
  /** Prints another message. */
  say(words: string): void
  end(sums: Sums): void
}

/**
 * Rewrites one line on a terminal, and prints one every five seconds elsewhere: how much, how fast, how long still.
 *
 * @param size of the file in bytes, or undefined where it is not known.
 */
export function openProgress(size: number | undefined, out: Terminal = process.stderr): Progress {
  const begun = performance.now()
  let told = begun
  const describe = (sums: Sums) => {
    const seconds = (performance.now() - begun) / 1000
    const done = size ? sums.bytes / size : undefined
    return [
      ...(done !== undefined && out.isTTY ? [barOf(done)] : []),
      `${sums.lines.toLocaleString('en')} lines`,
      `${Math.round(sums.lines / Math.max(seconds, 0.001)).toLocaleString('en')} a second`,
      ...(done !== undefined && done > 0 && done < 1 ? [`${clock((seconds * (1 - done)) / done)} left`] : []),
      `${sums.added.toLocaleString('en')} added, ${sums.there.toLocaleString('en')} there, ${sums.refused.toLocaleString('en')} refused`,
    ].join(' · ')
  }
  const say = (words: string) => void out.write(`${out.isTTY ? WRITTEN_OVER : ''}${words}\n`)
  return {
    tell: (sums) => {
      const now = performance.now()
      if (now - told < (out.isTTY ? ON_A_TERMINAL : ELSEWHERE)) return
      told = now
      // A line that is too long would wrap, and its rest would stay.
      if (out.isTTY) out.write(`${WRITTEN_OVER}${describe(sums).slice(0, (out.columns || 80) - 1)}`)
      else say(describe(sums))
    },
    say,
    end: (sums) => say(describe(sums)),
  }
}

const WRITTEN_OVER = '\r\x1b[K'

function barOf(done: number): string {
  const full = Math.round(done * 20)
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${String(Math.floor(done * 100)).padStart(3)} %`
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
