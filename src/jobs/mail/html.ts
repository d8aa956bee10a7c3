/** Text in which every inserted value is escaped, unless it is `Html` itself. */
export class Html {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }
}

type Part = string | Html | null | readonly Part[]

/** A template tag: `` html`<p>${name}</p>` ``. Safe in elements and in quoted attributes. */
export function html(markup: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(String.raw({ raw: markup }, ...parts.map(render)))
}

function render(part: Part): string {
  if (part === null) return ''
  if (part instanceof Html) return part.toString()
  return typeof part === 'string'
    ? part.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    : part.map(render).join('')
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
