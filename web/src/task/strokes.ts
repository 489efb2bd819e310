/** A place on the pad, in its own pixels. */
export interface Dot {
  x: number
  y: number
}

/** How long a line has to be, in the pad's pixels, to be a signature rather than a slip. */
export const enough = 120

/** How long the line through some places is. */
export function lengthOf(dots: Dot[]): number {
  return dots.slice(1).reduce((sum, dot, i) => sum + Math.hypot(dot.x - (dots[i]?.x ?? 0), dot.y - (dots[i]?.y ?? 0)), 0)
}

/** Where something of one size stands in the middle of another as large as fits; nothing is made larger than it is. */
export function fit(width: number, height: number, within: { width: number; height: number }) {
  const scale = Math.min(within.width / width, within.height / height, 1)
  return { x: (within.width - width * scale) / 2, y: (within.height - height * scale) / 2, width: width * scale, height: height * scale }
}
