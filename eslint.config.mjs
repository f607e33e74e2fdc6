import withNuxt from './.nuxt/eslint.config.mjs'

const code = '**/*.{ts,mjs,vue}'
const vueSide = ['app.vue', 'error.vue', '{pages,components,composables,layouts,middleware,plugins}/**/*.{ts,vue}']
const domain = ['server/{relay,platforms,scheduler,limits,keys,key-query,accounts,groups,users,settings,billing,stats,live,notifications,help,db,kv,lib}/**/*.ts']
const tooling = ['{build,demo,scripts,tests,bench}/**', '*.config.{ts,mjs}']

const environmentByHand = { name: 'node:process', importNames: ['env'], message: 'Only server/config.ts reads the environment.' }
const framework = {
  regex: '^(h3|nitropack|nuxt|nuxt-auth-utils|@nuxt/[^/]+|#imports|#app|#build|#internal)(/|$)',
  message: 'Domain code knows neither h3 nor Nitro nor Nuxt: it must run in a plain test.',
}
const database = { regex: '^drizzle-(orm|kit)(/|$)', message: 'Only server/db and drizzle speak to drizzle-orm: add a function to a repo.' }
const serverCode = { regex: '^#server(/|$)|^(~~|@@|~|@)/server(/|$)|^(\\.\\.?/)+server/', message: 'Pages and shared code never import server code: use the JSON API or shared/.' }
const vueCode = { regex: '(^|/)(pages|components|composables|layouts)/|\\.vue$', message: 'The server never imports the console\'s code: move it to shared/.' }

const imports = (...patterns) => ({ 'no-restricted-imports': ['error', { paths: [environmentByHand], patterns }] })

// They compile on both dialects and fail on MySQL.
const dialectOnly = ['returning', 'onConflictDoNothing', 'onConflictDoUpdate', 'onDuplicateKeyUpdate'].map(name => ({
  selector: `CallExpression[callee.property.name='${name}']`,
  message: `.${name}() exists in one dialect only: use the Store's upsert, insertIgnore or changes.`,
}))

export default withNuxt(
  { ignores: ['drizzle/migrations/**', 'data/**', 'coverage/**', 'bench/results/**', 'tests/.tmp/**', 'public/**', '!components/public', '!components/public/**', '!server/api/public', '!server/api/public/**'] },
  // A rule that does not fit is changed here, for all, and not switched off in place.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } },
  {
    name: 'relay/all',
    files: [code],
    rules: {
      'max-lines': ['error', { max: 300 }],
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Only server/config.ts reads the environment.' }],
      ...imports(database),
    },
  },
  { name: 'relay/vue-side', files: [...vueSide, 'shared/**/*.ts'], rules: imports(database, serverCode) },
  { name: 'relay/server', files: ['server/**/*.ts'], rules: { 'no-console': 'error', 'no-restricted-syntax': ['error', ...dialectOnly], ...imports(database, vueCode) } },
  { name: 'relay/domain', files: domain, rules: imports(database, framework, vueCode) },
  { name: 'relay/database', files: ['server/db/**/*.ts'], rules: imports(framework, vueCode) },
  { name: 'relay/dialects', files: ['server/db/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { name: 'relay/schema', files: ['drizzle/**/*.ts'], rules: imports() },
  { name: 'relay/environment', files: ['server/config.ts', 'server/{entry,runtime,admin-reset}.ts'], rules: { 'no-restricted-properties': 'off' } },
  { name: 'relay/entry', files: ['server/{entry,admin-reset}.ts'], rules: { 'no-console': 'off' } },
  { name: 'relay/tooling', files: tooling, rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' } },
)
