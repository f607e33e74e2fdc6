import { z } from 'zod'
import { allowsModel } from '#shared/utils/model-pattern'
import { RelayError } from '../relay/errors'
import { say } from '../relay/messages'
import { defineLimit } from './limit'

/** The model is on the key's list of names and `*` patterns; an empty list allows all. */
export default defineLimit({
  id: 'model-allowed',
  label: 'limits.modelAllowed',
  phase: 'request',
  settings: key => key.models.length > 0 ? key.models : undefined,
  schema: z.array(z.string().min(1)),
  form: [{ name: 'models', kind: 'lines', label: 'limits.modelAllowed', help: 'limits.modelAllowedHelp', placeholder: 'claude-sonnet-*' }],
  check({ principal: { owner }, model }, models) {
    if (model === null || allowsModel(models, model)) return null
    return new RelayError('model_denied', say(owner.locale, 'modelDenied', { model, allowed: models.join(', ') }))
  },
})
