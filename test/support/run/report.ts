import { appendFileSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Played } from './play.ts'
import { figuresOf, tapOf, textOf } from './texts.ts'

const FOLDER = '.tap'
const AN_HOUR = 3600_000

/** Shows a person the progress, and in the end the failures. Writes the TAP of all files into one. */
export class Report {
  readonly #path = `${FOLDER}/spec-${process.pid}.tap`
  readonly #played: Played[] = []
  readonly #files: number
  readonly #withComments: boolean

  /** @param withComments whether to print the tests' comments below the line of their file */
  constructor(files: number, withComments: boolean) {
    this.#files = files
    this.#withComments = withComments
    mkdirSync(FOLDER, { recursive: true })
    for (const old of globSync(`${FOLDER}/spec-*.tap`))
      if (Date.now() - statSync(old).mtimeMs > AN_HOUR) rmSync(old, { force: true })
    writeFileSync(this.#path, `TAP version 14\n1..${files}\n`)
  }

  tell(played: Played): void {
    const done = this.#played.push(played)
    appendFileSync(this.#path, tapOf(played, done))
    const number = `${String(done).padStart(String(this.#files).length)}/${this.#files}`
    console.log(
      `${played.failures.length > 0 ? 'not ok' : 'ok'} ${number} ${played.file} ${figuresOf(played)}`,
    )
    if (this.#withComments) for (const comment of played.comments) console.log(`    ${comment}`)
  }

  /** Prints all failures in full, and how many assertions held. Returns whether all did. */
  sumUp(): boolean {
    const red = this.#played.filter(({ failures }) => failures.length > 0)
    for (const played of red) console.log(`\n${textOf(played)}`)
    for (const { file, skipped } of this.#played)
      for (const what of skipped) console.log(`\nSkipped: ${file} > ${what}`)
    if (red.length > 0)
      console.log(`\nTo run these again: npm run spec -- ${red.map(({ file }) => file).join(' ')}`)

    const count = (amount: (played: Played) => number) =>
      this.#played.reduce((sum, one) => sum + amount(one), 0)
    console.log(`\nAll that the tests said is in ${this.#path}`)
    console.log(`${count(({ passed }) => passed)} passed, ${count(({ failures }) => failures.length)} failed`)
    return red.length === 0
  }
}
