/** Waits until a condition holds, and returns what it gave. What it throws ends the waiting. */
export async function until(what, holds, within = 20_000) {
  const deadline = Date.now() + within
  for (;;) {
    const found = await holds()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`waited ${within / 1000} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
