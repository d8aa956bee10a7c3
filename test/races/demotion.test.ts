import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { DEMOTION_RACES } from './demotion.ts'

await testRaces(t, DEMOTION_RACES)
