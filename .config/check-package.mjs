// Packs the package as it would be published and checks the tarball: manifest, publint, arethetypeswrong.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root } from './install.mjs';
import { finish as end, packages } from './package.mjs';

// One at a time: turbo starts this in each package.
const [{ directory, entryPoints, manifest }] = packages;

const finish = (problems) => end(problems.map((problem) => `${manifest.name}: ${problem}`));

const run = (command, args) => {
  try {
    return {
      ok: true,
      output: execFileSync(command, args, { cwd: directory, encoding: 'utf8', stdio: 'pipe', timeout: 300_000 }),
    };
  } catch (error) {
    return { ok: false, output: `${error.stdout ?? ''}${error.stderr ?? ''}` || String(error) };
  }
};

const packedManifest = (tarball) =>
  JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));

const repository = 'https://github.com/torsor-robotics/torsor';

/** A registry shows a package's home, its sources and what it is found by from these. */
const whereaboutsProblems = ({ homepage, repository: sources, keywords }) => {
  const place = relative(root, directory);
  const home = `${repository}/tree/main/${place}#readme`;
  const from = { type: 'git', url: `git+${repository}.git`, directory: place };
  return [
    ...(homepage === home ? [] : [`homepage is ${homepage}: expected ${home}`]),
    ...(isDeepStrictEqual(sources, from)
      ? []
      : [`repository is ${JSON.stringify(sources)}: expected ${JSON.stringify(from)}`]),
    ...(Array.isArray(keywords) && keywords.length > 0 ? [] : ['keywords are absent: name what it is found by']),
  ];
};

const manifestProblems = (packed) => {
  const exported = Object.values(packed.exports ?? {});
  const conditions = exported.filter((target) => typeof target === 'object' && '@torsor/source' in target);
  const dependencies = Object.entries({ ...packed.dependencies, ...packed.peerDependencies });
  return [
    ...(conditions.length > 0 ? ['publishConfig.exports keeps the condition @torsor/source: remove it there'] : []),
    ...(Object.keys(packed.exports).length !== entryPoints.length + 1
      ? [`publishConfig.exports lists ${Object.keys(packed.exports).join(', ')}: it must mirror exports`]
      : []),
    ...dependencies
      .filter(([, range]) => range.startsWith('workspace:'))
      .map(([name]) => `${name} is packed with a workspace: range: pack with pnpm`),
    ...whereaboutsProblems(packed),
    ...(packed.scripts?.postinstall || packed.scripts?.install ? ['no install scripts in a published package'] : []),
  ];
};

const scratch = mkdtempSync(join(tmpdir(), 'torsor-pack-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const packed = run('pnpm', ['pack', '--json', '--pack-destination', scratch]);
if (!packed.ok) finish([`pnpm pack failed\n${packed.output}`]);
const tarball = JSON.parse(packed.output).filename;

const tools = [
  ['publint', ['run', tarball, '--strict']],
  ['attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']],
];
const failures = tools.flatMap(([tool, args]) => {
  const { ok, output } = run(tool, args);
  return ok ? [] : [`${tool} refuses the packed tarball\n${output}`];
});
finish([...manifestProblems(packedManifest(tarball)), ...failures]);
