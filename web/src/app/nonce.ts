/** The nonce of this answer: styles that carry it are the page's own. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''

/**
 * Gives every style element that the page makes the nonce. antd passes it on in most places, but not where it holds the page still behind a
 * sheet; without this the browser refuses that style and says so.
 */
export function signStyles(): void {
  const create = document.createElement.bind(document)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const made = create(name, options)
    if (made instanceof HTMLStyleElement) made.nonce = nonce
    return made
  }) as typeof document.createElement
}
