import { useParams } from 'react-router'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { TaskView } from './TaskView'
import { useTask } from './useTask'

/** One task. */
export default function TaskPage() {
  const { id = '' } = useParams()
  const { data: task, error, isPending, isFetching, refetch } = useTask(id)
  if (isPending) return <Loading page rows={6} />
  if (!task) return <Failed problem={error} again={() => void refetch()} />
  return <TaskView key={task.id} task={task} reading={isFetching} reread={async () => (await refetch()).data} />
}
