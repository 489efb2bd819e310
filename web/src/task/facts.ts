import type { Field, Task } from '../api/types'
import { isEmpty } from '../components/form/field'

/** What a case's rows show of its record, in the process owner's order, as far as the reader may see it. */
export function factsOf(task: Pick<Task, 'summary' | 'summary_fields'>): Field[] {
  return task.summary_fields.flatMap((field) => {
    const value = task.summary[field.field]
    return isEmpty(value) ? [] : [{ ...field, value }]
  })
}
