import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
  RouteOptions,
  RouteShorthandOptions,
} from 'fastify'
import type { Config } from '../config.ts'
import type { Db } from '../db/client.ts'
import { type Answer, send } from './answer.ts'
import type { Operation } from './contract/operation.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Registers the routes of a subject. It has no database: each route uses the one that it is given. */
export type Routes = (api: Api, config: Config, app: App) => void

/** Registers one operation of the contract: its path, what it promises, and how it answers a request. */
export interface Api {
  readonly get: Register
  readonly put: Register
  readonly post: Register
  readonly patch: Register
  readonly delete: Register
}

type Register = <const O extends Operation>(
  path: string,
  operation: O,
  work: Work<RequestTo<O>, BodyOf<O>>,
  options?: Pick<RouteShorthandOptions, 'attachValidation' | 'bodyLimit' | 'logLevel' | 'onRequest'>,
) => void

/**
 * Answers a request. It reaches only the database that it is given, so a wrapper such as `once` decides in which
 * transaction it runs.
 */
export type Work<R, T> = (db: Db, request: R) => Promise<Answer<T>>

export type RequestTo<O extends Operation> = FastifyRequest<
  RouteGenericInterface,
  RawServerDefault,
  RawRequestDefaultExpression,
  O,
  TypeBoxTypeProvider
>

/** The bodies that an operation may answer when it succeeds. */
type BodyOf<O extends Operation> = {
  [S in keyof O['response']]: O['response'][S] extends TSchema ? Static<O['response'][S]> : never
}[keyof O['response']]

/** Registers routes on an app and gives each this database. */
export function apiOn(app: FastifyInstance, db: Db): Api {
  const on =
    (method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'): Register =>
    (url, schema, work, options) => {
      const route: RouteOptions = {
        ...options,
        method,
        url,
        schema,
        // Fastify has checked the request against the schemas of its operation.
        handler: async (request, reply) => send(reply, await work(db, request as RequestTo<typeof schema>)),
      }
      app.route(route)
    }
  return { get: on('GET'), put: on('PUT'), post: on('POST'), patch: on('PATCH'), delete: on('DELETE') }
}
