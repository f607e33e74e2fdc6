/** The smallest PNG there is: one pixel. */
export const pngPixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** Bytes that begin as a kind of picture does, and go on with nothing. */
export const beginnings = {
  'image/png': Buffer.from([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]),
  'image/jpeg': Buffer.from([0xFF, 0xD8, 0xFF, 0xE0, 0, 0]),
  'image/webp': Buffer.concat([Buffer.from('RIFF'), Buffer.from([9, 8, 7, 6]), Buffer.from('WEBPVP8 ')]),
}

/** What is none of these, by what it gives itself out as. */
export const noPictures = {
  'an SVG': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  'an SVG behind an XML head': Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  'a GIF': Buffer.from('GIF89a\0\0'),
  'HTML': Buffer.from('<!doctype html><script>alert(1)</script>'),
  'a WAV': Buffer.concat([Buffer.from('RIFF'), Buffer.from([9, 8, 7, 6]), Buffer.from('WAVEfmt ')]),
  'half a beginning': Buffer.from([0x89, 0x50, 0x4E, 0x47]),
  'a PNG one byte late': Buffer.concat([Buffer.from([0]), pngPixel]),
}
