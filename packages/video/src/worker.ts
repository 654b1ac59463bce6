import { serve } from './native/serve.js';

serve();
