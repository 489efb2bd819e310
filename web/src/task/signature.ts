import { useRef, useState } from 'react'
import type { Act, FileRef } from '../api/types'
import { upload } from '../components/form/upload'

/** The signature that goes with an act. Its image is kept once, however often the act is sent: the same act said again stays the same. */
export function useSignature() {
  const [image, draw] = useState<Blob | null>(null)
  const [keeping, setKeeping] = useState(false)
  const [failed, fail] = useState<unknown>(null)
  const kept = useRef<{ image: Blob; file: FileRef } | null>(null)
  /** What the act has to carry; null: the image couldn't be kept. */
  const keep = async (): Promise<Act | null> => {
    if (!image) return {}
    fail(null)
    setKeeping(true)
    try {
      if (kept.current?.image !== image) kept.current = { image, file: await upload(new File([image], 'signature.png', { type: 'image/png' })) }
      const { id, sha256 } = kept.current.file
      return { signature_file: id, ...(sha256 && { signature: 'sha256:' + sha256 }) }
    } catch (thrown) {
      fail(thrown)
      return null
    } finally {
      setKeeping(false)
    }
  }
  return { image, draw, keep, keeping, failed }
}
