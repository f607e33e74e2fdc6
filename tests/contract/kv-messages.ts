import { describe, expect, it } from 'vitest'
import { poll } from '../helpers/until'
import type { Subject } from './kv-subject'

/** Publish and subscribe. */
export function describeMessages(at: Subject): void {
  describe('messages', () => {
    it('reach each listener of the channel once, in order, whole, and nobody else', async () => {
      const heard: string[][] = [[], [], []]
      await at.kv.subscribe(at.key, message => heard[0]?.push(message))
      await at.kv.subscribe(at.key, message => heard[1]?.push(message))
      await at.kv.subscribe(`${at.key}:other`, message => heard[2]?.push(message))
      const messages = ['钥匙🔑\n', '', ...Array.from({ length: 50 }, (_, i) => String(i))]
      for (const message of messages) await at.kv.publish(at.key, message)
      await poll(() => heard.slice(0, 2).every(list => list.length >= messages.length) || undefined, 'all messages')
      expect(heard).toEqual([messages, messages, []])
    })

    it('stop for the one who ended the subscription, and go on for the others', async () => {
      const ended: string[] = []
      const staying: string[] = []
      const end = await at.kv.subscribe(at.key, message => ended.push(message))
      const endOther = await at.kv.subscribe(at.key, message => staying.push(message))
      await end()
      await end()
      await at.kv.publish(at.key, 'one')
      await poll(() => staying.length || undefined, 'the message')
      await endOther()
      const again: string[] = []
      await at.kv.subscribe(at.key, message => again.push(message))
      await at.kv.publish(at.key, 'two')
      await poll(() => again.length || undefined, 'the message')
      expect({ ended, staying, again }).toEqual({ ended: [], staying: ['one'], again: ['two'] })
    })

    it('reach the others when one listener throws', async () => {
      const heard: string[] = []
      await at.kv.subscribe(at.key, () => {
        throw new Error('this listener is broken')
      })
      await at.kv.subscribe(at.key, message => heard.push(message))
      await at.kv.publish(at.key, 'one')
      await at.kv.publish(at.key, 'two')
      await poll(() => heard.length === 2 || undefined, 'both messages')
    })

    it('published to nobody are lost without an error', async () => {
      await at.kv.publish(at.key, 'to nobody')
      await at.kv.ping()
    })
  })
}
