#!/usr/bin/env node
require('../dist/run.js')
