import { ACCEPTANCE_RACES } from './acceptance.ts'
import { ADMIN_RACES } from './admins.ts'
import { INVITING_RACES } from './inviting.ts'
import { MIXED_RACES } from './mixed.ts'
import { ORG_RACES } from './orgs.ts'

export const RACES = [...ADMIN_RACES, ...ACCEPTANCE_RACES, ...INVITING_RACES, ...ORG_RACES, ...MIXED_RACES]
