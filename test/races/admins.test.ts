import t from 'tap'
import { ADMIN_RACES } from './admins.ts'
import { testRaces } from './as-if-serial.ts'

await testRaces(t, ADMIN_RACES)
