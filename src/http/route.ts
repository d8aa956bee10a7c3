import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Config } from '../config.ts'
import type { Db } from '../db/client.ts'

/** What routes work with. */
export interface Deps {
  readonly db: Db
  readonly config: Config
  /** For tests: how long a request may be handled, in milliseconds, instead of ten seconds. */
  readonly timeLimit?: number
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** The routes of one resource. */
export type Routes = (app: App, deps: Deps) => void
