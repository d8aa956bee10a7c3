import t from 'tap'
import { testRaces } from './as-if-serial.ts'
import { TREE_RACES } from './trees.ts'

await testRaces(t, TREE_RACES)
