// Compares the public declarations with the committed report etc/<package>[-<entry>].api.md; `--update` accepts them.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { TSDocConfigFile } from '@microsoft/tsdoc-config';
import { directory, entryPoints, finish, manifest, shortName } from './package.mjs';

const update = process.argv.includes('--update');
const here = dirname(fileURLToPath(import.meta.url));
const reportFolder = join(directory, 'etc');

const reportName = (path) => `${[shortName, ...path.split('/').slice(1)].join('-')}.api.md`;

const quiet = { default: { logLevel: ExtractorLogLevel.None } };

const configuration = ({ path, types }) =>
  ExtractorConfig.prepare({
    packageJsonFullPath: join(directory, 'package.json'),
    configObjectFullPath: undefined,
    tsdocConfigFile: TSDocConfigFile.loadFile(join(here, 'tsdoc.json')),
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath: join(directory, types),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(directory, 'tsconfig.json'), skipLibCheck: true },
      apiReport: {
        enabled: true,
        reportFileName: reportName(path),
        reportFolder,
        reportTempFolder: join(directory, '.turbo', 'api'),
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

const check = (entry) => {
  if (!existsSync(join(directory, entry.types))) return [`${entry.types} is missing: run pnpm build first`];
  const messages = [];
  const result = Extractor.invoke(configuration(entry), {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === 'error') messages.push(message.formatMessageWithLocation(directory));
    },
  });
  const changed = result.apiReportChanged && !update;
  return [
    ...messages,
    ...(changed
      ? [`the public API differs from etc/${reportName(entry.path)}: run \`pnpm api:update\` and commit it`]
      : []),
  ];
};

if (update) mkdirSync(reportFolder, { recursive: true });
finish(entryPoints.flatMap(check).map((message) => message.replace(`${manifest.name}: `, '')));
