import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { INVITING_RACES } from './inviting.ts'

await testRaces(t, INVITING_RACES)
