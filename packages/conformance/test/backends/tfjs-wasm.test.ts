import { openTfjs } from '@torsor/backend-tfjs';
import { conforms } from './conform.js';

conforms('tfjs-wasm', openTfjs('wasm', { env: process.env, project: process.cwd() }));
