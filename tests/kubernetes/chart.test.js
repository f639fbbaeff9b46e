import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { chart, helm, render, root } from './helm.js';
import { secrets, settings, version, violations } from './rules.js';
import { schemaErrors, typeErrors } from './schemas.js';

const manifests = `${root}deploy/kubernetes/orion.yaml`;
const introduction = `# The manifests of deploy/kubernetes/chart with its default values, for clusters without Helm: docs/kubernetes.md.
# Generated. After a change of the chart: ORION_UPDATE_DOCS=1 bash tests/kubernetes/run.sh
`;

const releases = {
  'the default values': [],
  'all options': [
    '--set', 'autoscaling.enabled=false,serviceMonitor.enabled=true,serviceMonitor.labels.release=prometheus,image.pullSecrets={registry}',
    '--set', `image.digest=sha256:${'0'.repeat(64)},nodeSelector.pool=chat,tolerations[0].operator=Exists,drainSeconds=20`,
    '--set', 'settings.MODEL_URL=https://api.openai.com/v1,settings.MODEL_NAMES=gpt-5-mini,settings.API_DOCS=true',
    '--set', 'secret.settings={ORION_SHARED_JWT_SECRET,DATABASE_URL,REDIS_URL,MODEL_API_KEY,MODEL_SYSTEM_PROMPT}',
    '--set', 'networkPolicy.model.to[0].ipBlock.cidr=0.0.0.0/0',
  ],
  'the values in docs/kubernetes.md': ['--values', `${root}tests/kubernetes/node_modules/.guide.yaml`],
  'few options': ['--set', 'ingress.enabled=false,networkPolicy.enabled=false,migrationSecret.name='],
};

/** Parses strictly: a key that occurs twice is an error. */
function parse(yaml) {
  const documents = parseAllDocuments(yaml, { version: '1.1' });
  for (const { errors, warnings } of documents) assert.deepEqual([...errors, ...warnings], []);
  return documents.map(document => document.toJS()).filter(Boolean);
}

// What a mistake in the chart would do, and what must find it.
const container = objects => of(objects, 'Deployment').spec.template.spec.containers[0];
const of = (objects, kind) => objects.find(object => object.kind === kind);
const pod = (objects, kind) => of(objects, kind).spec.template.spec;
const variable = (objects, name) => container(objects).env.find(one => one.name === name);
const policy = objects => of(objects, 'NetworkPolicy').spec;
const mistakes = [
  ['an unknown field', objects => { container(objects).livenessprobe = {}; }, 'types'],
  ['a misplaced field', objects => { pod(objects, 'Job').readOnlyRootFilesystem = true; }, 'types'],
  ['an unknown field of a ServiceMonitor', objects => { of(objects, 'ServiceMonitor').spec.endpoints[0].intervall = '15s'; }, 'types', 'all options'],
  ['a number that is a string', objects => { of(objects, 'HorizontalPodAutoscaler').spec.minReplicas = '2'; }, 'schema'],
  ['a missing field', objects => { delete of(objects, 'Deployment').spec.selector; }, 'schema'],
  ['a variable that is no string', objects => { variable(objects, 'DB_POOL_SIZE').value = 15; }, 'schema'],
  ['an unknown setting', objects => { variable(objects, 'JWT_ISSUER').name = 'JWT_ISSUED'; }, /has no JWT_ISSUED|JWT_ISSUER is required/],
  ['a setting that is missing', objects => { container(objects).env = container(objects).env.filter(one => one.name !== 'DATABASE_URL_FILE'); }, /DATABASE_URL is required/],
  ['a setting twice', objects => { container(objects).env.push({ name: 'PORT', value: '3002' }); }, /set twice/],
  ['a secret in the manifest', objects => { container(objects).env.push({ name: 'MODEL_API_KEY', value: 'x' }); }, /MODEL_API_KEY belongs into a Secret/],
  ['a secret in another file', objects => { variable(objects, 'REDIS_URL_FILE').value = '/run/secrets/orion/DATABASE_URL'; }, /REDIS_URL_FILE must name/],
  ['a Secret that is not mounted', objects => { container(objects).volumeMounts.shift(); }, /each volume must be mounted/],
  ['the role of the migration in the service', objects => { container(objects).env.push({ name: 'MIGRATION_DATABASE_URL_FILE', value: '/run/secrets/orion/MIGRATION_DATABASE_URL' }); }, /must not know the role/],
  ['migrations by the service', objects => { variable(objects, 'MIGRATE_ON_START').value = 'true'; }, /MIGRATE_ON_START/],
  ['no HTTPS', objects => { container(objects).env.push({ name: 'REQUIRE_HTTPS', value: 'false' }); }, /HTTPS must be required/],
  ['a probe of an unknown route', objects => { container(objects).livenessProbe.httpGet.path = '/healthz'; }, /livenessProbe/],
  ['a liveness probe of the database', objects => { container(objects).livenessProbe.httpGet.path = '/health/ready'; }, /livenessProbe/],
  ['a probe of the metrics', objects => { container(objects).readinessProbe.httpGet.port = 'metrics'; }, /readinessProbe/],
  ['no startup probe', objects => { delete container(objects).startupProbe; }, /startupProbe/],
  ['no preStop', objects => { delete container(objects).lifecycle; }, /preStop/],
  ['a short grace period', objects => { pod(objects, 'Deployment').terminationGracePeriodSeconds = 15; }, /grace period/],
  ['an update that removes pods first', objects => { of(objects, 'Deployment').spec.strategy.rollingUpdate.maxUnavailable = 1; }, /start new pods first/],
  ['one instance', objects => { of(objects, 'HorizontalPodAutoscaler').spec.minReplicas = 1; }, /two instances/],
  ['replicas beside the autoscaler', objects => { of(objects, 'Deployment').spec.replicas = 2; }, /leave the number/],
  ['more connections than PostgreSQL has', objects => { of(objects, 'HorizontalPodAutoscaler').spec.maxReplicas = 5; }, /max_connections/],
  ['root', objects => { delete pod(objects, 'Deployment').securityContext.runAsNonRoot; }, /any account but root/],
  ['a fixed account', objects => { pod(objects, 'Job').securityContext.runAsUser = 1654; }, /any account but root/],
  ['a writable file system', objects => { container(objects).securityContext.readOnlyRootFilesystem = false; }, /read-only/],
  ['privilege escalation', objects => { delete container(objects).securityContext.allowPrivilegeEscalation; }, /escalation/],
  ['a capability', objects => { container(objects).securityContext.capabilities.add = ['NET_BIND_SERVICE']; }, /capabilities/],
  ['no seccomp profile', objects => { delete pod(objects, 'Job').securityContext.seccompProfile; }, /seccomp/],
  ['a token of Kubernetes', objects => { delete pod(objects, 'Deployment').automountServiceAccountToken; }, /token of Kubernetes/],
  ['Services as variables', objects => { delete pod(objects, 'Job').enableServiceLinks; }, /names of Services/],
  ['no limit of memory', objects => { delete container(objects).resources.limits; }, /limit of memory/],
  ['different images', objects => { pod(objects, 'Job').containers[0].image = 'registry.example.com/orion:0.9.0'; }, /images .* must be equal/],
  ['a real registry', objects => { for (const kind of ['Deployment', 'Job']) pod(objects, kind).containers[0].image = 'docker.io/orion:1.0.0'; }, /placeholder/],
  ['an image without a version', objects => { for (const kind of ['Deployment', 'Job']) pod(objects, kind).containers[0].image = 'registry.example.com/orion:latest'; }, /placeholder/],
  ['a Service that selects the migration', objects => { delete of(objects, 'Service').spec.selector['app.kubernetes.io/component']; }, /Service must not select/],
  ['a Service that selects nothing', objects => { of(objects, 'Service').spec.selector['app.kubernetes.io/component'] = 'api'; }, /Service must select/],
  ['a PodDisruptionBudget that selects nothing', objects => { of(objects, 'PodDisruptionBudget').spec.selector.matchLabels.app = 'orion'; }, /PodDisruptionBudget must select/],
  ['a PodDisruptionBudget that blocks', objects => { of(objects, 'PodDisruptionBudget').spec.maxUnavailable = 0; }, /drain a node/],
  ['pods on one node', objects => { pod(objects, 'Deployment').topologySpreadConstraints.shift(); }, /spread/],
  ['an autoscaler of nothing', objects => { of(objects, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name = 'api'; }, /scale the Deployment/],
  ['an unknown port of the Service', objects => { of(objects, 'Service').spec.ports[0].targetPort = 'web'; }, /port web/],
  ['an Ingress to the metrics', objects => { of(objects, 'Ingress').spec.rules[0].http.paths[0].backend.service.port.name = 'metrics'; }, /Ingress must lead/],
  ['an Ingress without TLS', objects => { delete of(objects, 'Ingress').spec.tls; }, /TLS/],
  ['a ServiceMonitor of the requests', objects => { of(objects, 'ServiceMonitor').spec.endpoints[0].port = 'http'; }, /"metrics"/, 'all options'],
  ['a NetworkPolicy that allows all', objects => { policy(objects).egress.push({ to: [] }); }, /without peers/],
  ['… by a rule without ports', objects => { delete policy(objects).ingress[0].ports; }, /without ports/],
  ['… in one direction', objects => { policy(objects).policyTypes.pop(); }, /both directions/],
  ['a NetworkPolicy without DNS', objects => { policy(objects).egress.shift(); }, /DNS/],
  ['no NetworkPolicy for the migration', objects => { objects.splice(objects.findLastIndex(one => one.kind === 'NetworkPolicy'), 1); }, /select the pods of the Job/],
  ['another command of the migration', objects => { pod(objects, 'Job').containers[0].command.push('--check'); }, /orion migrate/],
  ['a Secret', objects => { objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'orion' } }); }, /must not contain a Secret/],
  ['a namespace', objects => { of(objects, 'Service').metadata.namespace = 'default'; }, /leave the namespace/],
];

describe('the chart', () => {
  const rendered = {};
  before(() => {
    const guide = readFileSync(`${root}docs/kubernetes.md`, 'utf8').split('```yaml\n')[1].split('```')[0];
    writeFileSync(`${root}tests/kubernetes/node_modules/.guide.yaml`, guide);
    for (const [name, values] of Object.entries(releases)) rendered[name] = render(...values);
  });

  test('passes helm lint', () => helm('lint', '--strict', '--quiet', chart));

  test('has the version of Orion', () => {
    const text = readFileSync(`${chart}/Chart.yaml`, 'utf8');
    assert.match(text, new RegExp(`^version: ${version}\n`, 'm'));
    assert.match(text, new RegExp(`^appVersion: ${version}\n`, 'm'));
  });

  test('with its default values is deploy/kubernetes/orion.yaml', () => {
    const expected = `${introduction}${rendered['the default values']}`;
    if (process.env.ORION_UPDATE_DOCS === '1') writeFileSync(manifests, expected);
    assert.equal(readFileSync(manifests, 'utf8'), expected, 'Run: ORION_UPDATE_DOCS=1 bash tests/kubernetes/run.sh');
  });

  for (const name of Object.keys(releases)) {
    test(`follows the JSON schemas of Kubernetes with ${name}`, async () => {
      for (const object of parse(rendered[name])) assert.deepEqual(await schemaErrors(object), []);
    });

    test(`follows the rules of Orion with ${name}`, () => assert.deepEqual(violations(parse(rendered[name])), []));
  }

  test('has no field that Kubernetes does not know, and one in a mistake is found', () => {
    const objects = Object.keys(releases).flatMap(name => parse(rendered[name]));
    const broken = mistakes.filter(mistake => mistake[2] === 'types').map(([name, make, , release = 'the default values']) => {
      const all = parse(rendered[release]);
      const before = all.map(object => JSON.stringify(object));
      make(all);
      return { name, object: all.find((object, i) => JSON.stringify(object) !== before[i]) };
    });

    const errors = typeErrors([...objects, ...broken.map(one => one.object)]);

    for (const [i, object] of objects.entries()) assert.deepEqual(errors[i], [], `${object.kind} ${object.metadata.name}`);
    for (const [i, { name }] of broken.entries()) assert.ok(errors[objects.length + i].some(error => error.includes('does not exist')), name);
  });

  for (const [name, make, expected, release = 'the default values'] of mistakes.filter(mistake => mistake[2] !== 'types')) {
    test(`a mistake is found: ${name}`, async () => {
      const objects = parse(rendered[release]);
      make(objects);
      const found = expected === 'schema' ? (await Promise.all(objects.map(schemaErrors))).flat() : violations(objects);
      assert.ok(expected === 'schema' ? found.length > 0 : found.some(one => expected.test(one)), `Found: ${found.join('\n')}`);
    });
  }

  test('gets another Job with another specification, because a Job cannot be changed', () => {
    const nameOf = values => of(parse(render(...values)), 'Job').metadata.name;
    const name = nameOf([]);
    assert.equal(nameOf(['--set', 'ingress.enabled=false']), name);
    assert.notEqual(nameOf(['--set', 'image.tag=1.1.0']), name);
  });

  test('opens no network with an empty list of peers', () => {
    const objects = parse(render('--set', 'networkPolicy.ingress=null', '--set-json', 'networkPolicy.database.to=[]'));
    assert.equal(policy(objects).ingress?.length, 1);
    assert.ok(!JSON.stringify(objects.filter(object => object.kind === 'NetworkPolicy')).includes('5432'));
  });

  const rejected = {
    'a misspelled value': 'setting.JWT_ISSUER=x',
    'a secret among the settings': 'settings.DATABASE_URL=postgresql://example.com/orion',
    'a port among the settings': 'settings.PORT=8080',
    'a setting in lower case': 'settings.jwt_issuer=x',
    'a digest that is none': 'image.digest=latest',
  };
  for (const [name, value] of Object.entries(rejected)) test(`rejects ${name}`, () => assert.throws(() => render('--set', value), /values don't meet|schema/));

  test('rejects each secret among the settings', () => {
    const { not } = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8')).properties.settings.propertyNames;
    assert.deepEqual(secrets.filter(name => !not.enum.includes(name)), []);
    assert.deepEqual(not.enum.filter(name => !settings.includes(name)), []);
  });
});
