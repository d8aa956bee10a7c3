import { registerHooks } from 'node:module'

// For `node --import`, before anything else.
//
// To learn what a module of a package is, Node parses the `exports` of the package, for each module again. Those of
// drizzle-orm take 170 KB, and some hundred of its modules are loaded: that is a third of a start from the sources.

const DRIZZLE = '/node_modules/drizzle-orm/'

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context
    if (!parentURL?.includes(DRIZZLE) || !/^\.\.?\/.*\.js$/.test(specifier)) return next(specifier, context)
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
  },
})
