// Compares the public declarations with the committed report etc/<package>[-<entry>].api.md; `--update` accepts them. In a
// package it looks at that package alone; for all of them one process, since starting it takes longer than the comparison.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { TSDocConfigFile } from '@microsoft/tsdoc-config';
import { root } from './install.mjs';
import { finish, packages } from './package.mjs';

const update = process.argv.includes('--update');
const here = dirname(fileURLToPath(import.meta.url));

const reportName = ({ shortName }, { path }) => `${[shortName, ...path.split('/').slice(1)].join('-')}.api.md`;

const quiet = { default: { logLevel: ExtractorLogLevel.None } };

const configuration = (of, entry) =>
  ExtractorConfig.prepare({
    packageJsonFullPath: join(of.directory, 'package.json'),
    configObjectFullPath: undefined,
    tsdocConfigFile: TSDocConfigFile.loadFile(join(here, 'tsdoc.json')),
    configObject: {
      projectFolder: of.directory,
      mainEntryPointFilePath: join(of.directory, entry.types),
      newlineKind: 'lf',
      compiler: {
        // The same for each, alone or with all others.
        overrideTsconfig: {
          extends: join(root, 'tsconfig.base.json'),
          compilerOptions: { types: ['node'] },
          include: [entry.types],
        },
        skipLibCheck: true,
      },
      apiReport: {
        enabled: true,
        reportFileName: reportName(of, entry),
        reportFolder: join(of.directory, 'etc'),
        reportTempFolder: join(of.directory, '.turbo', 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { ...quiet, 'ae-forgotten-export': { logLevel: ExtractorLogLevel.Error } },
        tsdocMessageReporting: quiet,
      },
    },
  });

const declarations = ({ directory }, { types }) => join(directory, types);

const entries = packages.flatMap((of) => of.entryPoints.map((entry) => [of, entry]));
const missing = entries.filter(([of, entry]) => !existsSync(declarations(of, entry)));
if (missing.length > 0 || entries.length === 0) {
  finish(missing.map(([{ manifest }, { types }]) => `${manifest.name}: ${types} is missing: run pnpm build first`));
}

// One program of all declarations: most of them import each other's.
const compilerState = CompilerState.create(configuration(...entries[0]), {
  additionalEntryPoints: entries.map(([of, entry]) => declarations(of, entry)),
});

const check = (of, entry) => {
  const messages = [];
  const result = Extractor.invoke(configuration(of, entry), {
    compilerState,
    localBuild: update,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === 'error') messages.push(message.formatMessageWithLocation(of.directory));
    },
  });
  if (!result.apiReportChanged || update) return messages;
  const report = `etc/${reportName(of, entry)}`;
  return [...messages, `the public API differs from ${report}: run \`pnpm api:update\` and commit it`];
};

const checkPackage = (of) => {
  if (update) mkdirSync(join(of.directory, 'etc'), { recursive: true });
  return of.entryPoints
    .flatMap((entry) => check(of, entry))
    .map((message) => `${of.manifest.name}: ${message.replace(`${of.manifest.name}: `, '')}`);
};

finish(packages.flatMap(checkPackage));
