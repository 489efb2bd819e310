/** The page's few icons: drawn with the text's colour, one stroke. */
const drawn = {
  inbox: 'M4 13.5 6.5 5h11L20 13.5V19H4zM4 13.5h4.5l1.5 2.5h4l1.5-2.5H20',
  plus: 'M12 5v14M5 12h14',
  folder: 'M4 6h6l2 2.5h8V19H4z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.8 3.8-6 7.500-6s6.700 2.200 7.500 6',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3.500 6 3.500 9S15 18 12 21c-3-3-3.500-6-3.500-9S9 6 12 3z',
  back: 'M15 5l-7 7 7 7',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2',
  check: 'M5 12.500 10 17.500 19.500 7',
  cross: 'M6 6l12 12M18 6 6 18',
  return: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  offline: 'M4 4l16 16M8.500 16a5 5 0 0 1 7 0M5 12.500a10 10 0 0 1 4-2.300M19 12.500a10 10 0 0 0-5-2.600M12 20h.01',
  alert: 'M12 3.500 21.500 20h-19zM12 10v4.500M12 17.500h.01',
  chart: 'M9 3.500h6v5H9zM3 15.500h6v5H3zM15 15.500h6v5h-6zM12 8.500V12M6 15.500V12h12v3.500',
  badge: 'M12 3 19 6v5c0 4.500-2.800 7.800-7 10-4.200-2.200-7-5.500-7-10V6zM9 11.500l2.200 2.200 4-4',
  send: 'M20.500 3.500 3.500 10l7 3.500 3.500 7zM10.500 13.500l4-4',
  right: 'M9 5l7 7-7 7',
} as const

export type IconName = keyof typeof drawn

/** An icon beside words; it says nothing by itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const thick = name === 'more'
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={thick ? 3 : 1.8} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={drawn[name]} />
    </svg>
  )
}
