import { describe, expect, it } from 'vitest'
import { RelayError } from '#server/relay/errors'
import { frames, ping, setUpDelivery, streamHead } from '../../helpers/delivery'

describe('pings of our own', () => {
  it('go out in silence, but not into a frame of which a part went out', () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(frames[0]!)
    pass(5_500, delivery)
    expect(res.text()).toBe(frames[0] + ping)
    send(`event: content_block_delta\ndata: ${'x'.repeat(1_100_000)}`)
    const inside = res.text().length
    pass(12_000, delivery)
    expect(res.text().length).toBe(inside)
    send('\n\n')
    pass(5_500, delivery)
    expect(res.text().endsWith(`x\n\n${ping}`)).toBe(true)
  })

  it('go between frames while the half of one is held back', () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(frames[0]! + frames[2]!.slice(0, 30))
    pass(5_500, delivery)
    send(frames[2]!.slice(30))
    expect(res.text()).toBe(frames[0] + ping + frames[2])
  })

  it('are not heaped up for a client that does not read', () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    res.keepsUp = false
    send(frames[0]!)
    pass(15_000, delivery)
    expect(res.text()).toBe(frames[0])
  })

  it('never go into an answer in one piece', () => {
    const { res, upstream, pass } = setUpDelivery(false)
    const { delivery } = upstream()
    pass(9_000, delivery)
    expect(res.headersSent).toBe(false)
  })
})

describe('a slow client', () => {
  it('holds the upstream back, and its time is not the upstream\'s silence', () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send, source } = upstream()
    delivery.head(200, streamHead, false)
    res.keepsUp = false
    send(frames[0]!)
    expect(source.paused).toBe(true)
    pass(19_000, delivery)
    res.drain()
    expect(source.paused).toBe(false)
    pass(19_000, delivery)
    expect(source.aborted).toBeNull()
  })

  it('that stands still for too long counts as gone', async () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send, source } = upstream()
    delivery.head(200, streamHead, false)
    res.keepsUp = false
    send(frames[0]!)
    pass(20_500, delivery)
    expect(source.aborted).not.toBeNull()
    expect(await delivery.ended).toEqual({ kind: 'client_closed' })
  })

  it('that leaves ends the request at the upstream', async () => {
    const { res, upstream } = setUpDelivery()
    const { delivery, send, source } = upstream()
    delivery.head(200, streamHead, false)
    send(frames[0]!)
    res.destroy()
    expect(await delivery.ended).toEqual({ kind: 'client_closed' })
    expect(source.aborted).not.toBeNull()
  })
})

describe('a silent upstream', () => {
  it.each([[true, 10_500], [false, 20_500]])('fails when its first byte takes too long (stream %s)', async (stream, ms) => {
    const { upstream, pass } = setUpDelivery(stream)
    const { delivery, source } = upstream()
    pass(ms - 1_000, delivery)
    expect(source.aborted).toBeNull()
    pass(1_000, delivery)
    expect(await delivery.ended).toMatchObject({ kind: 'failed', reason: 'upstream_timeout', rejection: null })
  })

  it('in mid-stream is told to the client as an error', async () => {
    const { res, upstream, pass } = setUpDelivery()
    const { delivery, send } = upstream()
    delivery.head(200, streamHead, false)
    send(frames[0]!)
    pass(21_000, delivery)
    const end = await delivery.ended
    expect(end.kind === 'truncated' && end.error).toBeInstanceOf(RelayError)
    expect(res.writableEnded).toBe(true)
    expect(res.written.at(-1)).toMatch(/^event: error\n.*upstream_timeout/s)
  })
})
