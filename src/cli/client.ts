import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generateApi } from 'swagger-typescript-api'
import { forTypes } from './client/for-types.ts'

const HEADER = `/*
 * Muster's typed client, one method for each operation. Generated from openapi.json by \`npm run client\`, with
 * swagger-typescript-api; do not edit it. It needs nothing but \`fetch\`: copy it into your frontend or your backend.
 *
 *   import { Muster, MusterError } from "./client.ts";
 *
 *   const muster = new Muster({ url: "https://muster.example.com", token });
 *   const org = await muster.createOrg({ name: "Acme" });
 *
 * It runs wherever types are stripped, and passes \`tsc\` with every strict option.
 */

`

// Writes the typed client of `openapi/openapi.json`, or into another file if one is named.
const [file = 'openapi/client.ts'] = process.argv.slice(2)
await mkdir(dirname(file), { recursive: true })
await writeFile(file, await client())

/** Makes one file without imports, whose types can be erased, so that Node, bundlers and `tsc` take it as it is. */
async function client(): Promise<string> {
  const document = JSON.parse(await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'))
  const { files } = await generateApi({
    spec: forTypes(document),
    output: false,
    silent: true,
    templates: new URL('client', import.meta.url).pathname,
    httpClientType: 'fetch',
    apiClassName: 'Muster',
    // One level: `muster.createOrg`, not `muster.orgs.createOrg`.
    moduleNameIndex: -1,
    enumStyle: 'union',
    sortTypes: true,
    codeGenConstructs: { Keyword: { Any: 'unknown' } },
    hooks: { onInsertPathParam: (name) => `encodeURIComponent(${name})` },
  })
  const [generated, ...others] = files
  if (!generated || others.length > 0) throw new Error('The generator makes one file.')
  return HEADER + generated.fileContent
}
