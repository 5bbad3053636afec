// Imported before anything else, so that the drive believes itself on a system whose open directories have no names.
Object.defineProperty(process, 'platform', { value: 'darwin' })
