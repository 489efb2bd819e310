import { theme, type ThemeConfig } from 'antd'

const font = `system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif`

/** antd in our colours. The rest of the page takes the same ones from app.css. */
export function themeFor(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      motion: false, // what moves takes no click, and a button's turning icon outlives the work it stands for, named “loading”
      colorPrimary: dark ? '#2a9d94' : '#0b7a75',
      colorLink: dark ? '#6fd3cc' : '#0a6e6a',
      colorError: dark ? '#f0766d' : '#b42318',
      colorBgBase: dark ? '#171e25' : '#ffffff',
      // what antd derives from so dark a ground is blue
      ...(dark && { colorBgContainer: '#1b242c', colorBgElevated: '#1e272f', colorBorder: '#3b4854', colorBorderSecondary: '#2b3640' }),
      colorTextBase: dark ? '#e8eef3' : '#17212b',
      colorTextDescription: dark ? '#a2afbb' : '#56636f',
      colorTextPlaceholder: dark ? '#8f9ca8' : '#6b7783',
      borderRadius: 8,
      controlHeight: 38,
      fontFamily: font,
      fontSize: 15,
    },
    components: {
      ...(dark && { Form: { colorError: '#ff9b92' } }), // what antd makes of it is too dark for words in a sheet
      Button: {
        primaryShadow: 'none',
        dangerShadow: 'none',
        defaultShadow: 'none',
        // white words on it need this much contrast
        ...(dark
          ? { colorPrimary: '#177f77', colorPrimaryHover: '#136b64', colorPrimaryActive: '#115f59', colorError: '#b8433a', colorErrorHover: '#a63a32', colorErrorActive: '#96342c', defaultHoverColor: '#6fd3cc', defaultActiveColor: '#6fd3cc' }
          : { colorPrimaryHover: '#096661', colorErrorHover: '#9c1f15' }),
      },
    },
  }
}
