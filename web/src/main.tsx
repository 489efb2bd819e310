import { createRoot } from 'react-dom/client'
import './app/app.css'
import { App } from './app/App'
import { signStyles } from './app/nonce'
import { begin } from './i18n'

signStyles()
begin()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
