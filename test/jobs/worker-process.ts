import { pino } from 'pino'
import { openMailer } from '../../src/jobs/mail/mailer.ts'
import { startWorker } from '../../src/jobs/worker.ts'
import { OUTGOING } from '../support/jobs.ts'

// A worker in a process of its own, for a test that kills it.
const { DATABASE_URL: databaseUrl = '', SMTP_URL: smtpUrl = '' } = process.env
const log = pino({ level: 'silent' })
const from = { name: '', address: 'no-reply@mail.example.com' }
const mailer = openMailer({ smtpUrl, from, dataDir: '' }, log)
await startWorker({ databaseUrl, mailer, from, log, appUrl: 'https://app.example.com/join', ...OUTGOING })
