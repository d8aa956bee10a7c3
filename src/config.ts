import { resolve } from 'node:path'
import {
  readAppUrl,
  readCorsOrigins,
  readSender,
  readTrustProxy,
  type Sender,
  type TrustProxy,
} from './config/addresses.ts'
import { Environment } from './config/environment.ts'
import { type Jwt, readJwt } from './config/jwt.ts'
import { readSealingKeys } from './config/sealing-keys.ts'
import type { Limits } from './domain/invitations/limits.ts'
import type { WebhookSettings } from './domain/webhooks/webhook.ts'

export interface Config {
  readonly production: boolean
  readonly host: string
  readonly port: number
  /** Absolute. The embedded database, the development secret and unsent mail live here. */
  readonly dataDir: string
  /** Null: the embedded database. */
  readonly databaseUrl: string | null
  readonly poolSize: number
  /** Number of requests handled at a time. The others wait in line. */
  readonly requestsAtOnce: number
  readonly jwt: Jwt
  readonly mail: {
    /** Null: each mail becomes a file. */
    readonly smtpUrl: string | null
    readonly from: Sender
  }
  readonly appUrl: string
  readonly personalOrg: 'always' | 'never'
  readonly logLevel: LogLevel
  readonly trustProxy: TrustProxy
  readonly corsOrigins: '*' | string[]
  readonly limits: Limits
  /** Null keeps events for ever. */
  readonly eventsKeptDays: number | null
  readonly webhooks: WebhookSettings
}

type LogLevel = (typeof LOG_LEVELS)[number]

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Thrown when environment variables are missing or invalid. The message lists every problem and repeats no value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(['Environment variables are missing or wrong:', ...problems].join('\n  '))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** @throws ConfigError that lists every problem */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const environment = new Environment(env)
  const dataDir = readDataDir(environment)
  const appUrl = readAppUrl(environment)
  const poolSize = environment.integer('DATABASE_POOL_SIZE', { from: 1, to: 1000, fallback: 10 })
  const config: Config = {
    production: environment.production,
    host: readHost(environment),
    port: environment.integer('PORT', { from: 0, to: 65_535, fallback: 3000 }),
    dataDir,
    databaseUrl: readDatabaseUrl(environment),
    poolSize,
    requestsAtOnce: environment.integer('REQUESTS_AT_ONCE', { from: 1, to: 100_000, fallback: 4 * poolSize }),
    jwt: readJwt(environment, dataDir),
    mail: { smtpUrl: readSmtpUrl(environment), from: readSender(environment, appUrl) },
    appUrl,
    personalOrg: environment.choice('PERSONAL_ORG', ['always', 'never'], 'always'),
    logLevel: environment.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
    trustProxy: readTrustProxy(environment),
    corsOrigins: readCorsOrigins(environment),
    limits: readLimits(environment),
    eventsKeptDays: environment.integer('EVENTS_KEEP_DAYS', { from: 7, to: 36_500, fallback: 0 }) || null,
    webhooks: {
      allowPrivate: environment.choice('WEBHOOK_ALLOW_PRIVATE', ['true', 'false'], 'false') === 'true',
      keys: readSealingKeys(environment, dataDir),
      most: environment.integer('LIMIT_WEBHOOKS', { from: 1, to: 10_000, fallback: 50 }),
    },
  }
  return checked(environment, config)
}

/** Reads only the variables for signing and verifying tokens; the others need not be valid. @throws ConfigError */
export function loadJwt(env: NodeJS.ProcessEnv): Jwt {
  const environment = new Environment(env)
  return checked(environment, readJwt(environment, readDataDir(environment)))
}

function readDataDir(environment: Environment): string {
  return resolve(environment.text('MUSTER_DATA_DIR') ?? '.muster')
}

function readHost(environment: Environment): string {
  const host = environment.text('HOST') ?? '127.0.0.1'
  if (!/^[\w.:%-]+$/.test(host)) {
    environment.refuse('HOST', 'must be an address or a host name to listen on, as in: 0.0.0.0')
  }
  return host
}

function readDatabaseUrl(environment: Environment): string | null {
  const text = environment.text('DATABASE_URL')
  if (text === null && environment.production) {
    environment.refuse(
      'DATABASE_URL',
      'must be set when NODE_ENV=production: the embedded database is for development.',
    )
  }
  environment.url('DATABASE_URL', ['postgres:', 'postgresql:'])
  return text
}

function readSmtpUrl(environment: Environment): string | null {
  const url = environment.url('SMTP_URL', ['smtp:', 'smtps:'])
  if (url?.hostname === '')
    environment.refuse('SMTP_URL', 'must name a host, as in: smtp://mail.example.com:587')
  return environment.text('SMTP_URL')
}

function readLimits(environment: Environment): Limits {
  const limit = (name: string, fallback: number) =>
    environment.integer(name, { from: 1, to: 1_000_000, fallback })
  return {
    resendsPerMinute: limit('LIMIT_RESENDS_PER_MINUTE', 1),
    resendsPerDay: limit('LIMIT_RESENDS_PER_DAY', 5),
    invitationsPerTenMinutes: limit('LIMIT_INVITATIONS_PER_TEN_MINUTES', 30),
    pendingPerOrg: limit('LIMIT_PENDING_PER_ORG', 500),
    mailsPerAddressPerDay: limit('LIMIT_MAILS_PER_ADDRESS_PER_DAY', 10),
    wrongCodesPerMinute: limit('LIMIT_WRONG_CODES_PER_MINUTE', 10),
  }
}

function checked<T extends object>(environment: Environment, value: T): T {
  if (environment.problems.length > 0) throw new ConfigError(environment.problems)
  return deepFreeze(value)
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part)
  }
  return Object.freeze(value)
}
