import type { Session } from '#server/users/sessions'

declare module 'h3' {
  interface H3EventContext {
    requestId?: string
    /** For pages: is everything made up? */
    demo?: boolean
    /** For pages: where people reach this server, see peer.ts. */
    origin?: string
    /** Is this the server itself asking for a page of the help, to keep it? */
    isHelpRendering?: boolean
    /** Set by the session guard. */
    auth?: Session
    /** Code of the error that was answered, for the access log. */
    errorCode?: string
  }
}

declare module '#auth-utils' {
  interface SecureSessionData {
    token: string
  }
}
