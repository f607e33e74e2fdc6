// TDesign's dark theme hangs on an attribute, color-mode sets a class: keep the two alike, from before the first paint.
(() => {
  const root = document.documentElement
  const copy = () => root.setAttribute('theme-mode', root.classList.contains('dark') ? 'dark' : 'light')
  copy()
  new MutationObserver(copy).observe(root, { attributes: true, attributeFilter: ['class'] })
})()
