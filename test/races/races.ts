import { ACCEPTANCE_RACES } from './acceptance.ts'
import { ADMIN_RACES } from './admins.ts'
import { BILLING_RACES } from './billing.ts'
import { DEMOTION_RACES } from './demotion.ts'
import { GRANT_RACES } from './grants.ts'
import { INVITING_RACES } from './inviting.ts'
import { MIXED_RACES } from './mixed.ts'
import { ORG_RACES } from './orgs.ts'
import { TREE_RACES } from './trees.ts'

export const RACES = [
  ...ADMIN_RACES,
  ...ACCEPTANCE_RACES,
  ...INVITING_RACES,
  ...ORG_RACES,
  ...TREE_RACES,
  ...GRANT_RACES,
  ...DEMOTION_RACES,
  ...BILLING_RACES,
  ...MIXED_RACES,
]
