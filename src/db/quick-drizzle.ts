import { registerHooks } from 'node:module'

// Load this with `node --import`, before anything else.
//
// Node parses the `exports` of a package again for each of its modules that is loaded. Those of drizzle-orm take 170
// KB, and about a hundred of its modules are loaded: that is a third of a start from the sources.

const DRIZZLE = '/node_modules/drizzle-orm/'

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context
    if (!parentURL?.includes(DRIZZLE) || !/^\.\.?\/.*\.js$/.test(specifier)) return next(specifier, context)
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
  },
})
