import t from 'tap'
import { inputOf, versionedInputOf } from '../../src/http/input.ts'

t.test('the path wins over the body', async (t) => {
  const request = {
    params: { orgId: 'of the path' },
    body: { orgId: 'of the body', name: 'Acme' },
    headers: { 'if-match': '"3"' },
  }
  t.same(inputOf(request), { orgId: 'of the path', name: 'Acme' })
  t.same(versionedInputOf(request), { orgId: 'of the path', name: 'Acme', ifMatch: [3] })
})
