import { z } from 'zod'
import { allowsModel } from '#shared/utils/model-pattern'
import { RelayError } from '../relay/errors'
import { defineLimit } from './limit'

/** The model is on the key's list; an empty list allows all. */
export default defineLimit({
  id: 'model-allowed',
  label: 'limits.modelAllowed',
  phase: 'request',
  schema: z.object({}),
  form: [],
  check({ principal: { key }, model }) {
    if (model === null || allowsModel(key.models, model)) return null
    return new RelayError('model_denied', `This API key may not use the model ${model}. It may use: ${key.models.join(', ')}.`)
  },
})
