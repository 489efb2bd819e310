import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useAdmin, useIntegrator } from '../api/session'
import { Card } from '../components/Card'

/** The ways to the company's own pages: everybody's, and the administrators'. */
export function Company() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const integrator = useIntegrator()
  return (
    <Card title={t(admin ? 'office.admin' : 'office.company')}>
      <ul className="links">
        <li>
          <Link to="/people">{t('office.people')}</Link>
        </li>
        <li>
          <Link to="/departments">{t('office.departments')}</Link>
        </li>
        <li>
          <Link to="/roles">{t('office.roles')}</Link>
        </li>
        <li>
          <Link to="/groups">{t('office.groups')}</Link>
        </li>
        {admin && (
          <>
            <li>
              <Link to="/stuck">{t('office.stuck')}</Link>
            </li>
            <li>
              <Link to="/versions">{t('office.versions')}</Link>
            </li>
          </>
        )}
        {integrator && (
          <li>
            <Link to="/webhooks">{t('office.webhooks')}</Link>
          </li>
        )}
      </ul>
    </Card>
  )
}
