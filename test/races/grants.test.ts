import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { GRANT_RACES } from './grants.ts'

await testRaces(t, GRANT_RACES)
