import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The server puts a fresh nonce in the place of this word in every answer: server/web.go.
const nonce = '__NONCE__'

// What changes seldom and is needed everywhere stands in files of its own, so that a new release doesn't fetch it again.
const shared: [string, RegExp][] = [
  ['react', /node_modules\/(react|react-dom|scheduler|react-router)\//],
  ['base', /node_modules\/(@tanstack|i18next|react-i18next|openapi-fetch|dayjs)\//],
]

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: nonce },
  server: { port: 5173, proxy: { '/api': process.env.CRMFLOW ?? 'http://127.0.0.1:8080' } },
  build: {
    outDir: '.dist', // scripts/finish.js puts it in the place of dist when it is complete
    manifest: 'manifest.json',
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: { output: { manualChunks: (id: string) => shared.find(([, of]) => of.test(id))?.[0] } },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
