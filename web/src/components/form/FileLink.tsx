import { useState } from 'react'
import type { FileRef } from '../../api/types'
import { Icon } from '../Icon'
import { saySize } from './field'

/** Files that a browser shows by itself. */
const shown = /\.(png|jpe?g|gif|webp|pdf)$/i
const image = /\.(png|jpe?g|gif|webp)$/i

/** A file: its picture where it is one, its name and size. It opens beside the page. */
export function FileLink({ file }: { file: FileRef }) {
  const [broken, setBroken] = useState(false)
  const at = `/api/v1/files/${encodeURIComponent(file.id)}`
  return (
    <a className="file" href={shown.test(file.name) ? at + '?inline=true' : at} target="_blank" rel="noreferrer">
      {image.test(file.name) && !broken ? <img src={at + '?inline=true'} alt="" loading="lazy" onError={() => setBroken(true)} /> : <Icon name="file" />}
      <span>{file.name}</span>
      {file.size ? <small>{saySize(file.size)}</small> : null}
    </a>
  )
}
