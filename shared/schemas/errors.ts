import type { z } from 'zod'

/**
 * What can be wrong with a field: i18n keys with their English text, which the API answers carry.
 * Parameters stand in braces, as vue-i18n writes them.
 */
export const errorTexts = {
  'errors.required': 'is required',
  'errors.type': 'has the wrong type, expected {expected}',
  'errors.tooShort': 'needs {min} characters or more',
  'errors.tooLong': 'may have at most {max} characters',
  'errors.tooFew': 'needs {min} entries or more',
  'errors.tooMany': 'may have at most {max} entries',
  'errors.tooSmall': 'must be {min} or more',
  'errors.tooBig': 'must be {max} or less',
  'errors.notInteger': 'must be a whole number',
  'errors.format': 'has the wrong format',
  'errors.choice': 'must be one of: {values}',
  'errors.unknownField': 'is not a known field',
  'errors.invalid': 'is not valid',
  'errors.model': 'may not hold spaces',
  'errors.url': 'must be an http or https address',
  'errors.urlLogin': 'must not hold a user name or password',
  'errors.urlPrivate': 'must not be a private address',
  'errors.proxyUrl': 'must be an http, https or socks5 address',
  'errors.cidr': 'must be an IP address or a CIDR range',
  'errors.money': 'must be an amount in USD, such as 12.5',
  'errors.price': 'must be an amount in USD per million tokens from 0 to 1000 with at most six decimals',
  'errors.priceEach': 'must be an amount in USD from 0 to 100 with at most nine decimals',
  'errors.priceTwice': 'is there twice',
  'errors.pricePattern': 'must be an exact name: an import brings no patterns',
  'errors.priceFile': 'is no price file: {reason}',
  'errors.priceUrl': 'could not be fetched: {reason}',
  'errors.keyFormat': 'may hold letters, digits, dash and underscore only',
  'errors.keyTaken': 'is already in use',
  'errors.keyUnknown': 'is not known here',
  'errors.shareUnknown': 'is not a link that works: it may have run out or been revoked',
  'errors.shareMany': 'there are {max} links already: revoke one first',
  'errors.past': 'must lie in the future',
  'errors.keyCannotReveal': 'needs a new key: only the hash of this one is kept',
  'errors.groupUnknown': 'is not a group of this owner',
  'errors.groupRequired': 'is required: you may not use the shared pool',
  'errors.platform': 'is not available; available: {values}',
  'errors.signInOver': 'belongs to a sign-in that is over: start again',
  'errors.signInCode': 'is not a code: paste what the page shows, or its whole address',
  'errors.signInState': 'belongs to another sign-in: open the link that is shown here',
  'errors.signInRefused': 'was not accepted ({detail}): start again',
  'errors.signInFailed': 'could not be exchanged ({detail}): start again',
  'errors.signInPlatform': 'has no sign-in',
  'errors.passwordWrong': 'is wrong',
  'errors.settingFixed': 'is set by {variable} in the environment',
  'errors.mailNeeded': 'needs a mail server: set SMTP_HOST and its companions',
  'errors.username': 'may hold letters, digits, dot, dash and underscore only, and begins with a letter or digit',
  'errors.usernameTaken': 'is already in use',
  'errors.emailTaken': 'already belongs to a user',
  'errors.emailSame': 'is your address already',
  'errors.code': 'is not a code: it has eight digits',
  'errors.codeWrong': 'is wrong or has run out: ask for a new one',
  'errors.invite': 'is not an invitation',
  'errors.inviteOnce': 'must be 1 when the invitation is for one address',
  'errors.heir': 'must be another enabled user',
  'errors.heirShared': 'may not have what lies in the shared pool: choose an admin',
  'errors.passwordSame': 'must differ from the current one',
  'errors.rangeTooLong': 'a filtered list covers at most {max} days',
  'errors.rangeReversed': 'must not lie before `from`',
  'errors.amountsReversed': 'must not be less than the other amount',
  'errors.spanTooLong': 'covers at most {max} days here',
  'errors.moment': 'must be a time in epoch-ms or a date such as 2026-01-31',
  'errors.sessionsOnly': 'goes with by=session and by=agent only',
  'errors.notOfSessions': 'does not go with by=session or by=agent',
  'errors.email': 'must be an e-mail address',
  'errors.emailOwn': 'must be your own e-mail address, as in your profile',
  'errors.botToken': 'must be a bot token such as 123456:ABC-DEF',
  'errors.chatId': 'must be a number, or a name that begins with @',
  'errors.pictureSize': 'may have at most 64 KiB',
  'errors.pictureType': 'must be a PNG, JPEG or WebP picture',
  'errors.cursor': 'is not a cursor of this list',
} as const

export type ErrorKey = keyof typeof errorTexts
export type ErrorParams = Record<string, string | number>

/** One thing wrong with one field. `path` is dotted and empty for the body as a whole; `message` is English. */
export interface FieldProblem {
  path: string
  message: string
  key: ErrorKey
  params?: ErrorParams
}

export function problem(path: string, key: ErrorKey, params?: ErrorParams): FieldProblem {
  const message = errorTexts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(params?.[name] ?? ''))
  return { path, message, key, ...params ? { params } : {} }
}

/** A zod error as field problems, for form fields and API answers alike: the first of each field. */
export function problemsOf(error: z.ZodError): FieldProblem[] {
  const all = error.issues.flatMap(issue => problemsOfIssue(issue))
  return all.filter(({ path }, at) => all.findIndex(other => other.path === path) === at)
}

type Issue = z.core.$ZodIssue

function problemsOfIssue(issue: Issue): FieldProblem[] {
  const path = issue.path.map(String).join('.')
  if (issue.message in errorTexts) return [problem(path, issue.message as ErrorKey)]
  switch (issue.code) {
    case 'unrecognized_keys': return issue.keys.map(key => problem(path ? `${path}.${key}` : key, 'errors.unknownField'))
    case 'invalid_type': return [typeProblem(path, issue)]
    case 'too_small': return [sizeProblem(path, issue.origin, { min: Number(issue.minimum) })]
    case 'too_big': return [sizeProblem(path, issue.origin, { max: Number(issue.maximum) })]
    case 'invalid_value': return [problem(path, 'errors.choice', { values: issue.values.map(String).join(', ') })]
    case 'invalid_format': return [problem(path, 'errors.format')]
    default: return [problem(path, 'errors.invalid')]
  }
}

function typeProblem(path: string, issue: Extract<Issue, { code: 'invalid_type' }>): FieldProblem {
  if (issue.message.endsWith('received undefined')) return problem(path, 'errors.required')
  if (issue.expected === 'int') return problem(path, 'errors.notInteger')
  return problem(path, 'errors.type', { expected: issue.expected })
}

function sizeProblem(path: string, origin: string, limit: { min: number } | { max: number }): FieldProblem {
  const under = 'min' in limit
  if (origin === 'string') {
    if (under && limit.min <= 1) return problem(path, 'errors.required')
    return problem(path, under ? 'errors.tooShort' : 'errors.tooLong', limit)
  }
  if (origin === 'array' || origin === 'record' || origin === 'set' || origin === 'map') return problem(path, under ? 'errors.tooFew' : 'errors.tooMany', limit)
  return problem(path, under ? 'errors.tooSmall' : 'errors.tooBig', limit)
}
