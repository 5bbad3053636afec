// Makes one part of the page equal to another with as few changes as possible, so that what people unfold, select or scroll stays as it is.

const keyOf = (node: Node): string | undefined =>
  node instanceof Element ? (node.getAttribute('data-key') ?? undefined) : undefined

const isAlike = (a: Node, b: Node): boolean => a.nodeName === b.nodeName && keyOf(a) === keyOf(b)

/** `open` is the reader's: it is never changed. */
const matchAttributes = (from: Element, to: Element): void => {
  for (const { name } of [...from.attributes]) if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name)
  for (const { name, value } of to.attributes)
    if (name !== 'open' && from.getAttribute(name) !== value) from.setAttribute(name, value)
}

/** The children of `to` move, where there is nothing like them. */
export const morph = (from: Element, to: Element | DocumentFragment): void => {
  if (to instanceof Element) matchAttributes(from, to)
  let at: ChildNode | null = from.firstChild
  for (const next of [...to.childNodes]) {
    const key = keyOf(next)
    const same: ChildNode | null | undefined =
      key === undefined ? at : [...from.children].find((child) => keyOf(child) === key)
    if (same === null || same === undefined || !isAlike(same, next)) {
      from.insertBefore(next, at)
      continue
    }
    if (same === at) at = at.nextSibling
    else from.insertBefore(same, at)
    if (same instanceof Element && next instanceof Element) morph(same, next)
    else if (same.nodeValue !== next.nodeValue) same.nodeValue = next.nodeValue
  }
  while (at !== null) {
    const rest: ChildNode | null = at.nextSibling
    at.remove()
    at = rest
  }
}
