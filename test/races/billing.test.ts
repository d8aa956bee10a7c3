import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { BILLING_RACES } from './billing.ts'

await testRaces(t, BILLING_RACES)
