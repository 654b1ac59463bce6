import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuPlugins } from '../src/native/plugin/pins.js';
import { openXla } from '../src/open-xla.js';
import { hostPlugin } from './native/plugin/library.js';

const cache = '/nonexistent';

describe('openXla', () => {
  it('says how to get a plugin where there is none', async () => {
    const opened = await openXla({ env: { PATH: '/nonexistent' }, cache })();
    expect(opened).toMatchObject({ left: { _tag: 'Unavailable', backend: 'xla', remedy: 'fetch one (setupXla)' } });
  });

  it('says what is wrong with each plugin that is there, and loads none that is cut short', async () => {
    const environment = await mkdtemp(join(tmpdir(), 'torsor-open-'));
    const paths = Object.values(cpuPlugins).map(({ member }) =>
      join(environment, 'lib', 'python3.12', 'site-packages', member),
    );
    for (const path of paths) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, hostPlugin().subarray(0, -1));
    }
    const opened = await openXla({ env: { VIRTUAL_ENV: environment, PATH: '/nonexistent' }, cache })();
    expect(opened).toMatchObject({ left: { _tag: 'Unavailable' } });
    for (const path of paths) expect(JSON.stringify(opened)).toContain(`${path} is cut short`);
  });

  it('refuses the plugin that the user names when it is not there', async () => {
    const opened = await openXla({ env: { TORSOR_PJRT_PLUGIN: '/nowhere.so' }, cache })();
    expect(opened).toMatchObject({ left: { reason: expect.stringContaining('/nowhere.so does not exist') } });
  });
});
