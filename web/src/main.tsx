import { createRoot } from 'react-dom/client'
import './i18n'
import './app/app.css'
import { App } from './app/App'
import { signStyles } from './app/nonce'

signStyles()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
