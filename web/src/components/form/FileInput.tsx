import { Button } from 'antd'
import { useEffect, useRef, useState, type ChangeEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../../api/problem'
import type { FileRef } from '../../api/types'
import { useSay } from '../Failed'
import { Icon } from '../Icon'
import { saySize, type Field } from './field'
import { FileLink } from './FileLink'
import type { Bound } from './Pick'
import { accepts, upload, uploading } from './upload'

/** Chooses files and sends them at once; the form holds what was kept. */
export function FileInput({ field, value, onChange, id, disabled, word }: Bound<FileRef | FileRef[]> & { field: Field; word?: string }) {
  const { t } = useTranslation()
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  useEffect(() => (busy ? uploading() : undefined), [busy])
  const files = Array.isArray(value) ? value : value ? [value] : []
  const latest = useRef(files) // one may be removed while others are on their way
  latest.current = files
  const keep = (all: FileRef[]) => {
    latest.current = all
    onChange?.(field.many ? (all.length ? all : undefined) : all[all.length - 1])
  }
  const sorts = field.accept?.map((sort) => (sort === 'image' ? t('form.image') : sort)).join(t('app.list'))

  const take = async (e: ChangeEvent<HTMLInputElement>) => {
    const chosen = [...(e.target.files ?? [])]
    e.target.value = ''
    setWrong('')
    setBusy(true)
    for (const file of chosen) {
      if (!accepts(field.accept, file.name)) setWrong(t('form.wrongSort', { sorts }))
      else if (field.at_most && file.size > field.at_most) setWrong(t('form.tooLarge', { size: saySize(field.at_most) }))
      else {
        try {
          const kept = await upload(file)
          keep([...latest.current, kept])
        } catch (thrown) {
          setWrong(problemOf(thrown).code === 'not_found' ? t('form.uploadOff') : say(thrown))
        }
      }
    }
    setBusy(false)
  }

  return (
    <div className="upload">
      {files.map((file) => (
        <div key={file.id} className="uploaded">
          <FileLink file={file} />
          <button type="button" className="plain" aria-label={t('form.removeFile', { name: file.name })} onClick={() => keep(files.filter((f) => f.id !== file.id))}>
            <Icon name="cross" size={16} />
          </button>
        </div>
      ))}
      <input ref={input} type="file" hidden multiple={field.many ?? false} accept={field.accept?.map((sort) => (sort === 'image' ? 'image/*' : sort)).join(',')} onChange={(e) => void take(e)} />
      {(field.many || !files.length) && (
        <Button id={id} disabled={disabled} loading={busy} onClick={() => input.current?.click()}>
          {busy ? t('form.uploading') : (word ?? t('form.upload'))}
        </Button>
      )}
      {wrong && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}
