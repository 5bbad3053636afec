// Connections to PostgreSQL that can be cut: by a proxy on loopback, or by a network namespace of the worker's own where the right to create one exists.
import { spawnSync } from 'node:child_process'
import { createServer, createConnection, type AddressInfo, type Socket } from 'node:net'

export interface Link {
  /** A worker behind the link reaches the database there. */
  readonly url: string
  /** The address of the services, which a worker behind the link reaches even when it is cut. */
  readonly host: string
  /** Runs Node.js behind the link. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  readonly cut: () => void
  readonly heal: () => void
  readonly close: () => Promise<void>
}

/** `how`: when cut, bytes are held back without a word, or each connection is reset. */
const relay = async (socket: string, host: string) => {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isCut: 'silently' | 'reset' | undefined
  const forward = (client: Socket): void => {
    const server = createConnection(socket)
    const pair = [client, server] as const
    pairs.add(pair)
    for (const one of pair) {
      one.on('error', () => undefined)
      one.on('close', () => {
        pairs.delete(pair)
        for (const both of pair) both.destroy()
      })
    }
    client.pipe(server)
    server.pipe(client)
  }
  const held = new Set<Socket>()
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (isCut === 'reset') client.resetAndDestroy()
    else if (isCut === 'silently') held.add(client)
    else forward(client)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut: (how: 'silently' | 'reset'): void => {
      isCut = how
      for (const [client, database] of pairs)
        if (how === 'reset') client.resetAndDestroy()
        else {
          client.unpipe(database).pause()
          database.unpipe(client).pause()
        }
    },
    heal: (): void => {
      isCut = undefined
      // What was lost on the way is sent again, as TCP does.
      for (const [client, database] of pairs) {
        client.pipe(database)
        database.pipe(client)
      }
      for (const client of held) forward(client)
      held.clear()
    },
    close: async (): Promise<void> => {
      for (const [client] of pairs) client.destroy()
      for (const client of held) client.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

/** `socket`: the Unix socket of the server. */
export const proxied = async (socket: string, how: 'silently' | 'reset'): Promise<Link> => {
  const host = '127.0.0.1'
  const { port, cut, heal, close } = await relay(socket, host)
  return {
    url: `postgres://anydrive@${host}:${port}/postgres`,
    host,
    command: [process.execPath],
    cut: () => {
      cut(how)
    },
    heal,
    close,
  }
}

const ip = (...args: ReadonlyArray<string>): boolean => spawnSync('ip', args, { stdio: 'ignore' }).status === 0

const namespace = `anydrive${process.pid}`
const remove = (): void => {
  // The links go with it.
  ip('netns', 'delete', namespace)
}

/** Whether this process may create network namespaces and links into them. */
export const hasNamespaces = (): boolean => {
  const link = `ad${process.pid}t`
  try {
    return (
      ip('netns', 'add', namespace) && ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'p', 'netns', namespace)
    )
  } finally {
    remove()
  }
}

const linkTo = (link: string, network: string): string => {
  const host = `${network}.1`
  const done = [
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', link, 'netns', namespace),
    ip('address', 'add', `${host}/30`, 'dev', link),
    ip('link', 'set', link, 'up'),
    ip('-n', namespace, 'address', 'add', `${network}.2/30`, 'dev', link),
    ip('-n', namespace, 'link', 'set', link, 'up'),
  ]
  if (done.includes(false)) throw new Error(`the link ${link} cannot be created`)
  return host
}

/** The worker has a namespace of its own with two links: one to the vendors, and one to the database, which is taken down. */
export const isolated = async (socket: string): Promise<Link> => {
  if (!ip('netns', 'add', namespace)) throw new Error('the network namespace cannot be created')
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  const [vendors, database] = [`ad${process.pid}v`, `ad${process.pid}d`]
  const host = linkTo(vendors, '10.213.77')
  const { port, close } = await relay(socket, linkTo(database, '10.213.78'))
  return {
    url: `postgres://anydrive@10.213.78.1:${port}/postgres`,
    host,
    command: ['ip', 'netns', 'exec', namespace, process.execPath],
    cut: () => {
      ip('link', 'set', database, 'down')
    },
    heal: () => {
      ip('link', 'set', database, 'up')
    },
    close: async () => {
      await close()
      remove()
    },
  }
}
