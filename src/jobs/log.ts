import type { BaseLogger } from 'pino'

/** What pino and Fastify both offer. */
export type Log = Pick<BaseLogger, 'trace' | 'debug' | 'info' | 'warn'>
