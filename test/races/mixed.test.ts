import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { MIXED_RACES } from './mixed.ts'

await testRaces(t, MIXED_RACES)
