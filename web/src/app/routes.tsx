import { lazy, Suspense, type ComponentType } from 'react'
import { Navigate, Outlet, Route, Routes as Table, useLocation } from 'react-router'
import { useSession } from '../api/session'
import { Broken } from '../components/Broken'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { NotFound } from '../components/NotFound'
import { Inbox } from '../inbox/Inbox'
import { Shell } from './Shell'

const SignIn = lazy(() => import('../signin/SignIn'))
const TaskPage = lazy(() => import('../task/TaskPage'))
const CasePage = lazy(() => import('../case/CasePage'))
const StartPage = lazy(() => import('../start/StartPage'))
const StartForm = lazy(() => import('../start/StartForm'))
const RecordList = lazy(() => import('../records/RecordList'))
const RecordPage = lazy(() => import('../records/RecordPage'))
const PeoplePage = aboutCompany(() => import('../people/PeoplePage'))
const PersonPage = aboutCompany(() => import('../people/PersonPage'))
const HandoverPage = lazy(() => import('../people/HandoverPage'))
const StuckPage = lazy(() => import('../admin/StuckPage'))
const VersionsPage = lazy(() => import('../admin/VersionsPage'))
const RolesPage = aboutCompany(() => import('../admin/RolesPage'))
const GroupsPage = aboutCompany(() => import('../admin/GroupsPage'))
const DepartmentsPage = aboutCompany(() => import('../admin/DepartmentsPage'))
const WebhooksPage = aboutCompany(() => import('../admin/WebhooksPage'))
const WebhookPage = aboutCompany(() => import('../admin/WebhookPage'))
const SettingsPage = lazy(() => import('../settings/SettingsPage'))

/** A page about the company comes with its words. */
function aboutCompany(page: () => Promise<{ default: ComponentType }>) {
  return lazy(async () => {
    const [words, found] = await Promise.all([import('../i18n/company'), page()])
    words.learnCompany()
    return found
  })
}

/** Pages for people who are signed in; anybody else signs in first and comes back. */
function Gate() {
  const { data: session, error, refetch } = useSession()
  const at = useLocation()
  // Whoever is here stays here while it can't be asked again who they are: what they have before them isn't taken away.
  if (session === undefined) return error ? <Failed problem={error} again={() => void refetch()} /> : <Loading page />
  if (!session) return <Navigate to={'/sign-in?to=' + encodeURIComponent(at.pathname + at.search)} replace />
  return (
    <Shell>
      <Broken at={at.pathname}>
        <Suspense fallback={<Loading page />}>
          <Outlet />
        </Suspense>
      </Broken>
    </Shell>
  )
}

/** Every page. server/web.go answers the same addresses. */
export function Routes() {
  return (
    <Suspense fallback={<Loading page />}>
      <Table>
        <Route path="/sign-in" element={<SignIn />} />
        <Route element={<Gate />}>
          <Route path="/" element={<Navigate to="/inbox/todo" replace />} />
          <Route path="/inbox" element={<Navigate to="/inbox/todo" replace />} />
          <Route path="/inbox/:box" element={<Inbox />} />
          <Route path="/tasks/:id" element={<TaskPage />} />
          <Route path="/cases/:id" element={<CasePage />} />
          <Route path="/start" element={<StartPage />} />
          <Route path="/start/:process" element={<StartForm />} />
          <Route path="/records" element={<RecordList />} />
          <Route path="/records/:type" element={<RecordList />} />
          <Route path="/records/:type/:id" element={<RecordPage />} />
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/people/:id" element={<PersonPage />} />
          <Route path="/people/:id/handover" element={<HandoverPage />} />
          <Route path="/departments" element={<DepartmentsPage />} />
          <Route path="/roles" element={<RolesPage />} />
          <Route path="/groups" element={<GroupsPage />} />
          <Route path="/webhooks" element={<WebhooksPage />} />
          <Route path="/webhooks/:id" element={<WebhookPage />} />
          <Route path="/stuck" element={<StuckPage />} />
          <Route path="/versions" element={<VersionsPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Table>
    </Suspense>
  )
}
