// Imports point one way. `mayImport` is the whole graph: what is not listed is refused by name.
const mayImport = {
  files: [],
  tree: [],
  random: [],
  schedules: [],
  metrics: [],
  tokenizer: [],
  settings: ['tree'],
  tensor: ['tree'],
  losses: ['tensor', 'tree', 'random'],
  nn: ['tensor', 'tree', 'random'],
  optim: ['tensor', 'tree', 'random', 'schedules'],
  models: ['tensor', 'tree', 'random', 'nn', 'losses'],
  data: ['files', 'tree', 'random'],
  video: ['data', 'files'],
  checkpoint: ['files', 'tree', 'random'],
  evaluation: ['tree', 'random', 'metrics'],
  sharding: ['tensor'],
  planning: ['tensor', 'sharding'],
  backend: ['tensor', 'tree', 'random', 'sharding'],
  install: ['files'],
  'backend-tfjs': ['backend', 'install', 'tensor', 'tree', 'random'],
  'backend-xla': ['backend', 'install', 'sharding', 'tensor', 'tree', 'random'],
  backends: ['backend', 'backend-tfjs', 'backend-xla', 'install', 'sharding'],
  laws: ['tensor', 'tree', 'random'],
};

const acting = [
  ...['tensor', 'tree', 'random', 'nn', 'losses', 'models'],
  ...['backend', 'sharding', 'data', 'tokenizer', 'checkpoint'],
];
mayImport.policy = acting;
mayImport.training = [...acting, 'files', 'policy', 'metrics', 'optim', 'schedules', 'evaluation', 'planning'];
mayImport.doctor = ['checkpoint', 'data', 'planning', 'policy', 'tensor', 'tokenizer', 'training', 'tree'];

/** The suites of packages that laws know nothing of may be written with them. */
const testedByLaws = ['losses', 'optim', 'metrics', 'schedules', 'policy', 'training'];

const direction = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `${name} may import only ${allowed.length > 0 ? allowed.join(', ') : 'no sibling'}`,
  severity: 'error',
  from: { path: `^packages/${name}/`, ...(testedByLaws.includes(name) ? { pathNot: `^packages/${name}/test/` } : {}) },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}));

const nodeAllowed = [
  '^packages/(data|checkpoint|policy|doctor|video)/src/fs/',
  '^packages/(backend-tfjs|backend-xla|video)/src/native/',
  '^packages/(backends|files|install)/src/',
  '^packages/conformance/',
  '^packages/[^/]+/(test|bench)/',
  '^(apps|bench)/',
];

module.exports = {
  forbidden: [
    ...direction,
    ...testedByLaws.map((name) => ({
      name: `tests of ${name} may import only ${[...mayImport[name], 'laws'].join(', ')}`,
      severity: 'error',
      from: { path: `^packages/${name}/test/` },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...mayImport[name], 'laws'].join('|')})/` },
    })),
    {
      name: 'a new package states what it may import in .config/dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/(${[...Object.keys(mayImport), 'conformance'].join('|')})/` },
      to: { path: '^packages/' },
    },
    { name: 'nothing imports an app', severity: 'error', from: { path: '^(packages|bench)/' }, to: { path: '^apps/' } },
    {
      name: 'sources never import tests or benches',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/' },
      to: { path: '/(test|bench)/', pathNot: 'node_modules' },
    },
    {
      name: 'Node built-ins only at the edges',
      severity: 'error',
      from: { path: '^packages/', pathNot: nodeAllowed },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no import cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      // What npm packages export is tsc's business.
      name: 'every import of ours resolves: is it in package.json, and does the direction allow it?',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, path: '^(\\.|@torsor/)' },
    },
    {
      name: 'every import is declared in its package.json',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/' },
      // The workspace's own devDependencies are seen too, so that one declared here as well is both.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(dist|fixtures|reports)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@torsor/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
