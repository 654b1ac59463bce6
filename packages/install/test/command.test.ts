import { describe, expect, it } from 'vitest';
import { runCommand } from '../src/command.js';

describe('runCommand', () => {
  it('keeps what a failing program wrote, and names one that does not exist', async () => {
    const failed = await runCommand(process.execPath, ['-e', 'console.error("why"); process.exit(3)'])();
    expect(failed).toMatchObject({ left: { _tag: 'CommandFailed', status: 'exit code 3', output: 'why\n' } });
    expect(await runCommand('/nonexistent/program', [])()).toMatchObject({ left: { _tag: 'CommandFailed' } });
  });
});
