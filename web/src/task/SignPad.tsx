import { Button } from 'antd'
import { useEffect, useRef, useState, type ChangeEvent, type PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { enough, fit, lengthOf, type Dot } from './strokes'

/** The pad's own pixels: enough for paper. */
const size = { width: 900, height: 300 }
/** Ink and paper are the same in the dark: what is signed is printed. */
const ink = '#10202e'
const paper = '#ffffff'
const pen = 6

/** A signature, by finger, pen or mouse; or a picture of one, for whoever has neither. Gives the image, or nothing while there is none. */
export default function SignPad({ onChange }: { onChange: (image: Blob | null) => void }) {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const stroke = useRef<Dot[] | null>(null)
  const drawn = useRef(0)
  const [signed, setSigned] = useState(false)
  const [wrong, setWrong] = useState('')

  const wipe = () => {
    const on = canvas.current?.getContext('2d')
    if (!on) return
    on.fillStyle = paper
    on.fillRect(0, 0, size.width, size.height)
    drawn.current = 0
    setSigned(false)
    setWrong('')
    onChange(null)
  }
  useEffect(wipe, []) // eslint-disable-line react-hooks/exhaustive-deps

  const give = () => {
    canvas.current?.toBlob((image) => {
      onChange(image)
      setSigned(Boolean(image))
    }, 'image/png')
  }
  const begin = (e: PointerEvent<HTMLCanvasElement>) => {
    if (!e.isPrimary || e.button !== 0) return
    e.currentTarget.setPointerCapture(e.pointerId)
    stroke.current = [dotOf(e)]
  }
  const draw = (e: PointerEvent<HTMLCanvasElement>) => {
    const dots = stroke.current
    const on = canvas.current?.getContext('2d')
    if (!dots || !on || !e.isPrimary) return
    dots.push(dotOf(e))
    line(on, dots)
  }
  const end = () => {
    if (!stroke.current) return
    drawn.current += lengthOf(stroke.current)
    stroke.current = null
    if (drawn.current >= enough) give()
  }
  const bring = async (e: ChangeEvent<HTMLInputElement>) => {
    const file = e.target.files?.[0]
    e.target.value = ''
    const on = canvas.current?.getContext('2d')
    if (!file || !on) return
    wipe()
    try {
      const picture = await createImageBitmap(file)
      const at = fit(picture.width, picture.height, size)
      on.drawImage(picture, at.x, at.y, at.width, at.height)
      drawn.current = enough
      give()
    } catch {
      setWrong(t('sign.noPicture'))
    }
  }
  return (
    <div className="signpad">
      <p className="label">{t('sign.title')}</p>
      <div className="pad">
        <canvas ref={canvas} {...size} role="img" aria-label={t(signed ? 'sign.done' : 'sign.pad')} onPointerDown={begin} onPointerMove={draw} onPointerUp={end} onPointerCancel={end} />
        {!signed && <span aria-hidden="true">{t('sign.here')}</span>}
      </div>
      <div className="tools">
        <input ref={input} type="file" hidden accept="image/png,image/jpeg,image/webp" onChange={(e) => void bring(e)} />
        <Button size="small" onClick={() => input.current?.click()}>
          {t('sign.upload')}
        </Button>
        <Button size="small" disabled={!signed} onClick={wipe}>
          {t('sign.clear')}
        </Button>
      </div>
      {wrong && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}

/** Where a pointer is, in the pad's pixels. */
function dotOf(e: PointerEvent<HTMLCanvasElement>): Dot {
  const at = e.currentTarget.getBoundingClientRect()
  return { x: ((e.clientX - at.left) / at.width) * size.width, y: ((e.clientY - at.top) / at.height) * size.height }
}

/** Draws the last piece of a line, rounded through the middle of each two places. */
function line(on: CanvasRenderingContext2D, dots: Dot[]): void {
  const [a, b, c] = dots.slice(-3)
  if (!a || !b) return
  Object.assign(on, { strokeStyle: ink, lineWidth: pen, lineCap: 'round', lineJoin: 'round' })
  on.beginPath()
  if (c) {
    on.moveTo((a.x + b.x) / 2, (a.y + b.y) / 2)
    on.quadraticCurveTo(b.x, b.y, (b.x + c.x) / 2, (b.y + c.y) / 2)
  } else {
    on.moveTo(a.x, a.y)
    on.lineTo((a.x + b.x) / 2, (a.y + b.y) / 2)
  }
  on.stroke()
}
