import type { BaseLogger } from 'pino'

/** The methods that pino and Fastify share. */
export type Log = Pick<BaseLogger, 'trace' | 'debug' | 'info' | 'warn'>
