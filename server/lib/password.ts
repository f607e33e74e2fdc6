import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** 32 MiB and about a quarter of a second each; as strong as N = 2^17, p = 1 with a quarter of its memory. */
const current: Cost = { logN: 15, r: 8, p: 3 }
/** A stored hash may not ask for more than this. */
const highest: Cost = { logN: 17, r: 16, p: 16 }
const saltBytes = 16
const hashBytes = 32

/** Hashing shares Node's four worker threads with file access and name look-ups, so it never takes them all. */
const maxParallel = 2
const waiting: (() => void)[] = []
let running = 0

interface Cost {
  logN: number
  r: number
  p: number
}

interface StoredPassword {
  cost: Cost
  salt: Buffer
  hash: Buffer
}

/** Hashes a password as `$scrypt$ln=…,r=…,p=…$salt$hash`, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const hash = await derive(password, salt, current, hashBytes)
  const { logN, r, p } = current
  return `$scrypt$ln=${logN},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`
}

/**
 * True when the password is the stored one. `null` (no such user) and a damaged hash cost the same time
 * and are false, so that the time tells nobody which user names exist.
 */
export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const known = parse(stored ?? '')
  const { cost, salt, hash } = known ?? { cost: current, salt: Buffer.alloc(saltBytes), hash: Buffer.alloc(hashBytes) }
  const given = await derive(password, salt, cost, hash.length)
  return timingSafeEqual(given, hash) && known !== null
}

/** True when a hash was made with other costs than today's: hash the password anew at the next sign-in. */
export function needsRehash(stored: string): boolean {
  const cost = parse(stored)?.cost
  return cost?.logN !== current.logN || cost.r !== current.r || cost.p !== current.p
}

function parse(stored: string): StoredPassword | null {
  const parts = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/.exec(stored)
  if (!parts) return null
  const cost = { logN: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) }
  if (!isWithin(cost)) return null
  return { cost, salt: Buffer.from(parts[4] ?? '', 'base64'), hash: Buffer.from(parts[5] ?? '', 'base64') }
}

function isWithin({ logN, r, p }: Cost): boolean {
  return logN >= 1 && logN <= highest.logN && r >= 1 && r <= highest.r && p >= 1 && p <= highest.p
}

async function derive(password: string, salt: Buffer, { logN, r, p }: Cost, length: number): Promise<Buffer> {
  if (running >= maxParallel) await new Promise<void>(resolve => waiting.push(resolve))
  else running += 1
  try {
    // One spelling for what keyboards encode in several ways.
    const text = password.normalize('NFKC')
    return await new Promise((resolve, reject) => {
      scrypt(text, salt, length, { N: 2 ** logN, r, p, maxmem: 256 * r * (2 ** logN + p) }, (error, hash) => error ? reject(error) : resolve(hash))
    })
  }
  finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
