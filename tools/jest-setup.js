// Of the copy of `process` that jest gives each test file: its getter builds these flags anew at every read, and axios reads them twice a request.
Object.defineProperty(process, 'allowedNodeEnvironmentFlags', { value: process.allowedNodeEnvironmentFlags })
