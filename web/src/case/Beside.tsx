import { useTranslation } from 'react-i18next'
import type { Entry, FileRef } from '../api/types'
import { FileLink } from '../components/form/FileLink'

/** What stands beside a sentence of the timeline: the files of a comment, the signature of an answer. */
export function Beside({ entry }: { entry: Entry }) {
  const { t } = useTranslation()
  const { files, signature_file: signed } = (entry.data ?? {}) as { files?: unknown; signature_file?: unknown }
  return (
    <>
      {Array.isArray(files) && files.length > 0 && (
        <span className="values files">
          {(files as FileRef[]).map((file) => (
            <FileLink key={file.id} file={file} />
          ))}
        </span>
      )}
      {typeof signed === 'string' && (
        <img className="signature" src={`/api/v1/files/${encodeURIComponent(signed)}?inline=true`} alt={t('sign.of', { who: entry.names[entry.by ?? ''] ?? entry.by ?? '' })} loading="lazy" />
      )}
    </>
  )
}
