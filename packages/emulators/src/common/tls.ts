// A certificate authority of the day and a server certificate for this machine.
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { md, pki } from 'node-forge'

export interface Tls {
  readonly cert: string
  readonly key: string
  /** The authority's certificate, where it was made here. */
  readonly caFile?: string
}

const subject = (commonName: string): Array<pki.CertificateField> => [
  { name: 'commonName', value: commonName },
  { name: 'organizationName', value: 'anydrive emulator' },
]

const keyPair = (): pki.rsa.KeyPair => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const key = pki.privateKeyFromPem(privateKey)
  return { privateKey: key, publicKey: pki.setRsaPublicKey(key.n, key.e) }
}

const certificate = (serial: string, keys: pki.rsa.KeyPair, name: string): pki.Certificate => {
  const made = pki.createCertificate()
  made.publicKey = keys.publicKey
  made.serialNumber = serial
  const day = 86_400_000
  made.validity.notBefore = new Date(Date.now() - day)
  made.validity.notAfter = new Date(Date.now() + 820 * day)
  made.setSubject(subject(name))
  return made
}

const makeAll = (): { readonly ca: string; readonly cert: string; readonly key: string } => {
  const caKeys = keyPair()
  const ca = certificate('01', caKeys, 'anydrive emulator authority')
  ca.setIssuer(ca.subject.attributes)
  ca.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ])
  ca.sign(caKeys.privateKey, md.sha256.create())
  const keys = keyPair()
  const server = certificate('02', keys, 'localhost')
  server.setIssuer(ca.subject.attributes)
  server.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
        { type: 7, ip: '::1' },
      ],
    },
  ])
  server.sign(caKeys.privateKey, md.sha256.create())
  return {
    ca: pki.certificateToPem(ca),
    cert: pki.certificateToPem(server),
    key: pki.privateKeyToPem(keys.privateKey),
  }
}

/** Makes the files in `directory` once, and uses them from then on: a client that trusts `caFile` trusts every later start. */
export const makeTls = (directory: string): Tls => {
  mkdirSync(directory, { recursive: true })
  const file = (name: string): string => join(directory, name)
  const caFile = file('ca.pem')
  if (!existsSync(file('key.pem'))) {
    const made = makeAll()
    writeFileSync(caFile, made.ca)
    writeFileSync(file('cert.pem'), made.cert)
    writeFileSync(file('key.pem'), made.key, { mode: 0o600 })
  }
  return { cert: readFileSync(file('cert.pem'), 'utf8'), key: readFileSync(file('key.pem'), 'utf8'), caFile }
}
