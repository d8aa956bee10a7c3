import t from 'tap'
import { ACCEPTANCE_RACES } from './acceptance.ts'
import { testRaces } from './as-if-serial.ts'

await testRaces(t, ACCEPTANCE_RACES)
