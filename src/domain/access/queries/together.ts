import { isUnavailable, withoutParameters } from '../../../db/errors.ts'

/** Answers the questions in their order, with one statement for all. */
type Ask<Q, A> = (questions: readonly Q[]) => Promise<readonly A[]>

interface Call<Q, A> {
  readonly questions: readonly Q[]
  readonly resolve: (answers: A[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets callers of the same turn of the event loop share a statement. No caller waits for others to come. While as many
 * statements run as may, new callers wait and share the next one. A question never joins a statement that was sent
 * before it was asked, so each answer is at least as new as its question.
 */
export class Together<Q, A> {
  readonly #ask: Ask<Q, A>
  readonly #most: { readonly questions: number; readonly statements: number }
  #waiting: Call<Q, A>[] = []
  #isDue = false
  #underWay = 0

  /** @param most the questions in a statement, unless one call has more, and the statements at a time. */
  constructor(ask: Ask<Q, A>, most: { questions: number; statements: number }) {
    this.#ask = ask
    this.#most = most
  }

  /**
   * @throws the error that this call alone would have met; when the database is away, without any caller's parameters.
   */
  ask(questions: readonly Q[]): Promise<A[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ questions, resolve, reject })
      this.#sendSoon()
    })
  }

  #sendSoon(): void {
    if (this.#isDue || this.#waiting.length === 0 || this.#underWay >= this.#most.statements) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      void this.#send(this.#take())
      this.#sendSoon()
    })
  }

  #take(): Call<Q, A>[] {
    let count = 0
    const tooMany = this.#waiting.findIndex(({ questions }, position) => {
      count += questions.length
      return position > 0 && count > this.#most.questions
    })
    return this.#waiting.splice(0, tooMany < 0 ? this.#waiting.length : tooMany)
  }

  async #send(calls: readonly Call<Q, A>[]): Promise<void> {
    this.#underWay += 1
    try {
      await this.#answer(calls)
    } finally {
      this.#underWay -= 1
      this.#sendSoon()
    }
  }

  /** Asks for each call alone after an error, because one caller's error must not be shown to the others. */
  async #answer(calls: readonly Call<Q, A>[]): Promise<void> {
    try {
      const answers = await this.#ask(calls.flatMap(({ questions }) => questions))
      let from = 0
      for (const { questions, resolve } of calls) {
        resolve(answers.slice(from, from + questions.length))
        from += questions.length
      }
    } catch (error) {
      if (calls.length === 1 || isUnavailable(error))
        for (const { reject } of calls) reject(calls.length === 1 ? error : withoutParameters(error))
      else for (const call of calls) await this.#answer([call])
    }
  }
}
