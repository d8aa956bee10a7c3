import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Finds Chromium or Chrome: the one of `CHROMIUM`, or an installed one; undefined if there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const installed = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return process.env.CHROMIUM || [...installed, ...APPS].find((path) => existsSync(path))
}

/**
 * Opens it without the sandbox, which root cannot have: it sees only our own pages.
 *
 * @param names as in `MAP muster.example 127.0.0.1`
 */
export async function openBrowser(
  t: Pick<Test, 'teardown'>,
  executablePath = '',
  names = '',
): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      `--host-resolver-rules=${names}`,
    ],
  })
  t.teardown(() => browser.close())
  return browser
}
