// Packs each package as it would be published and checks the tarballs: manifest, publint, arethetypeswrong. In a package
// that package alone; for all of them one process, since starting the tools takes longer than what they do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root } from './install.mjs';
import { finish, packages } from './package.mjs';

const repository = 'https://github.com/torsor-robotics/torsor';

/** A registry shows a package's home, its sources and what it is found by from these. */
const whereaboutsProblems = (place, { homepage, repository: sources, keywords }) => {
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

const manifestProblems = ({ entryPoints }, packed) => {
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
    ...(packed.scripts?.postinstall || packed.scripts?.install ? ['no install scripts in a published package'] : []),
  ];
};

/** Modules are ESM only: how CommonJS and resolution of Node 10 find them is not looked at. */
const notOurs = ['node10', 'node16-cjs'];

const typeProblems = async (tarball) => {
  const { types, problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!types) return ['arethetypeswrong finds no declarations in the packed tarball'];
  return problems
    .filter((problem) => !notOurs.includes(problem.resolutionKind))
    .map((problem) => `arethetypeswrong refuses the packed tarball: ${JSON.stringify(problem)}`);
};

const lintProblems = async (tarball) => {
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages
    .filter(({ type }) => type === 'error')
    .map((message) => `publint refuses the packed tarball: ${formatMessage(message, pkg, { color: false })}`);
};

const scratch = mkdtempSync(join(tmpdir(), 'torsor-pack-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const pack = () => {
  const filters = packages.map(({ manifest }) => `--filter=${manifest.name}`);
  const args = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', scratch];
  const written = JSON.parse(execFileSync('pnpm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }));
  return new Map([written].flat().map(({ name, filename }) => [name, filename]));
};

const problemsOf = async (of, file) => {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
  const packed = JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }));
  return [
    ...manifestProblems(of, packed),
    ...whereaboutsProblems(of.folder, packed),
    ...(await lintProblems(tarball)),
    ...(await typeProblems(tarball)),
  ].map((problem) => `${of.manifest.name}: ${problem}`);
};

const tarballs = pack();
const problems = [];
for (const of of packages) problems.push(...(await problemsOf(of, tarballs.get(of.manifest.name))));
finish(problems);
