import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { ORG_RACES } from './orgs.ts'

await testRaces(t, ORG_RACES)
