import { linear } from '@torsor/nn';
import { convert, type Expr, sliceInDim, withType } from '@torsor/tensor';
import { gemma, type GemmaOutput } from '../gemma/gemma.js';
import { type Params, paramsBelow } from '../params/at.js';
import { linearAt } from '../params/linear.js';
import { type Pi0Config, pi0Experts } from './config.js';
