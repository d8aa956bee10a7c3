import { etag, IfMatchHeader, OrgParams, ref } from '../contract/fields.ts'
import { operation } from '../contract/operation.ts'
import { ResourceParams } from '../resources/schema.ts'
import { Billing, SetBilling } from './schema.ts'

const READ = 'For Admins and Accounting, and for services. Where nobody has filled it in, everything is null.'
const SET =
  'Replaces the whole: what is not given is empty afterwards. For Admins and Accounting, and for services.'

export const getOrgBilling = operation({
  operationId: 'getOrgBilling',
  tags: ['Billing'],
  summary: "Read an organisation's invoice information",
  description: READ,
  params: OrgParams,
  response: { 200: { ...ref(Billing), ...etag } },
  refusals: ['forbidden', 'org_not_found'],
})

export const setOrgBilling = operation({
  operationId: 'setOrgBilling',
  tags: ['Billing'],
  summary: "Fill in an organisation's invoice information",
  description: SET,
  params: OrgParams,
  headers: IfMatchHeader,
  body: ref(SetBilling),
  response: { 200: { ...ref(Billing), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'version_mismatch'],
})

export const getResourceBilling = operation({
  operationId: 'getResourceBilling',
  tags: ['Billing'],
  summary: "Read a resource's invoice information",
  description: READ,
  params: ResourceParams,
  response: { 200: { ...ref(Billing), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found'],
})

export const setResourceBilling = operation({
  operationId: 'setResourceBilling',
  tags: ['Billing'],
  summary: "Fill in a resource's invoice information",
  description: SET,
  params: ResourceParams,
  headers: IfMatchHeader,
  body: ref(SetBilling),
  response: { 200: { ...ref(Billing), ...etag } },
  refusals: ['forbidden', 'org_not_found', 'resource_not_found', 'version_mismatch'],
})
