import { runLaws, trainingLaws } from '@torsor/laws';
import { describe, it } from 'vitest';
import { lineTrainer } from './line-trainer.js';

describe('our trainer', () => runLaws(trainingLaws(lineTrainer), it));
