import { QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { BrowserRouter } from 'react-router'
import { queries } from '../api/queries'
import { Broken } from '../components/Broken'
import { Told } from '../components/told'
import { useDark } from './media'
import { nonce } from './nonce'
import { Routes } from './routes'
import { themeFor } from './theme'

const csp = { nonce }

/** The page: language, colours, what was read, and the routes. */
export function App() {
  const { i18n } = useTranslation()
  const dark = useDark()
  const theme = useMemo(() => themeFor(dark), [dark])
  const english = i18n.language === 'en'
  useEffect(() => {
    document.documentElement.lang = english ? 'en' : 'zh-CN'
  }, [english])
  return (
    <ConfigProvider csp={csp} theme={theme} locale={english ? enUS : zhCN} button={{ autoInsertSpace: false }}>
        <QueryClientProvider client={queries}>
          {/* What is typed into a search stands in the address: at once, else the input shows what was there before the last letter, and an input method loses its word. */}
          <BrowserRouter useTransitions={false}>
            <Told />
            <Broken>
              <Routes />
            </Broken>
          </BrowserRouter>
        </QueryClientProvider>
    </ConfigProvider>
  )
}
