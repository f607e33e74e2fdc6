import type { NotificationEvent } from '#shared/schemas/notification'
import type { Facts } from '../facts'

/** Who is told: the owner of what it is about, or all admins. */
export type Audience = { ownerId: string } | 'admins'

/** Something to tell once per episode. */
export interface Occasion {
  event: NotificationEvent
  /** What it is about, e.g. `key:<id>:daily`. */
  subject: string
  audience: Audience
  /** A period, or what else makes it another occasion; absent while it is a condition that lasts. */
  episode?: string
  facts: Facts
}

/** How a thing that can go wrong and come back stands. What is not mentioned is gone and no longer of interest. */
export type Standing
  = | { state: 'wrong', occasion: Occasion }
  /** Back in order; people who were told of the trouble are told of its end. */
    | { state: 'right', facts: Facts }
  /** Neither: what was said stays. */
    | { state: 'between' }

/** By subject. */
export type Standings = Map<string, Standing>
