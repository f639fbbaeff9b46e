// The rules that the manifests follow beyond the schemas of Kubernetes.
import { readFileSync } from 'node:fs';
import { root } from './helm.js';

const read = path => readFileSync(`${root}${path}`, 'utf8');
const settingsDocument = read('docs/settings.md');
const routes = Object.keys(JSON.parse(read('docs/openapi.json')).paths);
const shutdownSeconds = Number(/ShutdownTimeout = TimeSpan\.FromSeconds\((\d+)\)/.exec(read('src/Orion.Api/Hosting/OrionHosting.cs'))[1]);
export const version = /<Version>(.*)<\/Version>/.exec(read('Directory.Build.props'))[1];

export const settings = [...settingsDocument.matchAll(/^### ([A-Z_]+)$/gm)].map(found => found[1]);
const required = [...settingsDocument.split('```sh')[1].split('```')[0].matchAll(/^([A-Z_]+)=/gm)].map(found => found[1]);
const inFiles = settingsDocument.split('## Secrets in files')[1].split('can each be read')[0].match(/[A-Z_]{5,}/g);
/** MODEL_SYSTEM_PROMPT is the only one that can be in a file and is no secret. */
export const secrets = inFiles.filter(name => name !== 'MODEL_SYSTEM_PROMPT');

// Connections of an instance beside those for requests, and those that PostgreSQL keeps for superusers (max_connections is 100).
const otherConnections = 3;
const availableConnections = 97;

const same = (one, other) => JSON.stringify(Object.entries(one ?? {}).sort()) === JSON.stringify(Object.entries(other ?? {}).sort());
const selects = (selector, labels) => Object.entries(selector ?? {}).every(([name, value]) => labels[name] === value);

/** All violations of the rules in the manifests of one release. */
export function violations(objects) {
  const found = [];
  const rule = (holds, message) => holds || found.push(message);
  const all = kind => objects.filter(object => object.kind === kind);
  const only = kind => {
    rule(all(kind).length === 1, `There must be one ${kind}.`);
    return all(kind)[0];
  };
  const deployment = only('Deployment');
  const job = only('Job');
  const service = only('Service');
  const budget = only('PodDisruptionBudget');
  if (found.length > 0) return found;

  const scaler = all('HorizontalPodAutoscaler')[0];
  const pods = [deployment, job].map(owner => ({ owner, labels: owner.spec.template.metadata.labels, spec: owner.spec.template.spec }));
  const [pod, migration] = pods;
  const [container] = pod.spec.containers;
  const envOf = spec => Object.fromEntries(spec.containers[0].env.map(variable => [variable.name, variable.value]));
  const env = envOf(pod.spec);

  rule(all('Secret').length === 0, 'The manifests must not contain a Secret.');
  for (const { kind, metadata } of objects) rule(metadata.namespace === undefined, `${kind} ${metadata.name} must leave the namespace to the user.`);
  const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  rule(new Set(names).size === names.length, 'Two objects have the same name.');

  for (const { owner, spec } of pods) {
    const say = (holds, message) => rule(holds, `${owner.kind}: ${message}`);
    const [only, ...others] = spec.containers;
    say(others.length === 0 && !spec.initContainers, 'there must be one container.');
    say(only.image === container.image, 'the images of the Deployment and the Job must be equal.');
    say(/^[a-z0-9.-]*\bexample\.com\/[a-z/]+(:\d[^:@]*|@sha256:[0-9a-f]{64})$/.test(only.image), `${only.image} must be a placeholder of example.com with a version.`);
    say(spec.automountServiceAccountToken === false, 'the pod must get no token of Kubernetes.');
    say(spec.enableServiceLinks === false, 'the names of Services must not become settings.');
    say(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, 'the pod must not use namespaces of the host.');
    const security = { ...spec.securityContext, ...only.securityContext };
    say(security.runAsNonRoot === true && security.runAsUser === undefined && security.runAsGroup === undefined, 'any account but root must be possible.');
    say(security.seccompProfile?.type === 'RuntimeDefault', 'the seccomp profile must be RuntimeDefault.');
    say(security.allowPrivilegeEscalation === false && !security.privileged, 'there must be no privilege escalation.');
    say(security.readOnlyRootFilesystem === true, 'the root file system must be read-only.');
    say(same(security.capabilities, { drop: ['ALL'] }), 'all capabilities must be dropped.');
    say(only.resources?.requests?.cpu && only.resources.requests.memory && only.resources.limits?.memory, 'requests and the limit of memory must be set.');
    const mounts = only.volumeMounts ?? [];
    say(mounts.some(mount => mount.mountPath === '/tmp' && spec.volumes.find(volume => volume.name === mount.name)?.emptyDir?.sizeLimit), '/tmp must be an emptyDir with a limit.');
    say(same(mounts.map(mount => mount.name).sort(), spec.volumes.map(volume => volume.name).sort()), 'each volume must be mounted.');

    const variables = only.env ?? [];
    say(!only.envFrom, 'envFrom would hide the names of the settings.');
    say(new Set(variables.map(variable => variable.name)).size === variables.length, 'a variable is set twice.');
    for (const { name, value, valueFrom } of variables) {
      say(settings.includes(name) || (name.endsWith('_FILE') && inFiles.includes(name.slice(0, -5))) || name.startsWith('OTEL_'), `docs/settings.md has no ${name}.`);
      say(typeof value === 'string' && !valueFrom, `${name} must have a value.`);
      say(!secrets.includes(name), `${name} belongs into a Secret.`);
      if (!name.endsWith('_FILE')) continue;
      const mount = mounts.find(one => value === `${one.mountPath}/${name.slice(0, -5)}`);
      say(mount?.readOnly && spec.volumes.find(volume => volume.name === mount.name)?.secret, `${name} must name the file of that setting in a mounted Secret.`);
    }
    for (const name of required)
      say(variables.some(variable => variable.name === name || variable.name === `${name}_FILE`), `${name} is required in Production.`);
  }

  // The service.
  const ports = Object.fromEntries(container.ports.map(port => [port.name, port.containerPort]));
  rule(ports.http === Number(env.PORT), 'The port "http" must be PORT.');
  rule(ports.metrics === Number(env.METRICS_PORT) && !env.METRICS_ADDRESS?.startsWith('127.'), 'The port "metrics" must be METRICS_PORT, on the address of the pod.');
  rule(env.MIGRATE_ON_START === 'false', 'MIGRATE_ON_START must be false.');
  rule(env.MIGRATION_DATABASE_URL_FILE === undefined, 'The service must not know the role of the migration.');
  rule(env.REDIS_URL_FILE, 'Several instances need REDIS_URL.');
  rule(env.REQUIRE_HTTPS !== 'false', 'HTTPS must be required.');
  rule(env.TRUSTED_PROXIES?.startsWith('127.0.0.0/8,::1,'), 'TRUSTED_PROXIES must contain loopback and the ingress controller.');
  for (const [probe, path] of [['startupProbe', '/health/live'], ['livenessProbe', '/health/live'], ['readinessProbe', '/health/ready']]) {
    const get = container[probe]?.httpGet;
    rule(get?.path === path && routes.includes(path) && get.port === 'http', `${probe} must request ${path} on the port "http".`);
  }
  // The check of the database takes up to 2 s.
  rule(container.readinessProbe?.timeoutSeconds > 2, 'The readiness probe must wait longer than the check of the database.');
  const preStop = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
  rule(preStop >= 5, 'preStop must wait until no load balancer sends a request to the pod.');
  rule(pod.spec.terminationGracePeriodSeconds >= preStop + shutdownSeconds + 5, 'The grace period must be longer than preStop and the shutdown.');
  const { maxUnavailable, maxSurge } = deployment.spec.strategy.rollingUpdate ?? {};
  rule(deployment.spec.strategy.type === 'RollingUpdate' && maxUnavailable === 0 && maxSurge > 0, 'An update must start new pods first.');
  const [fewest, most] = scaler ? [scaler.spec.minReplicas, scaler.spec.maxReplicas] : [deployment.spec.replicas, deployment.spec.replicas];
  rule(fewest >= 2, 'There must be two instances.');
  rule(!scaler || deployment.spec.replicas === undefined, 'The Deployment must leave the number of replicas to the autoscaler.');
  rule((most + maxSurge) * (Number(env.DB_POOL_SIZE) + otherConnections) <= availableConnections, 'The connections of all pods must fit into the default max_connections.');

  // The migration.
  const command = migration.spec.containers[0].command;
  rule(same(command, ['orion', 'migrate']), 'The Job must run orion migrate.');
  rule(migration.spec.restartPolicy === 'Never', 'The Job must not restart its container, so that its logs remain.');
  const fails = job.spec.podFailurePolicy?.rules.some(one => one.action === 'FailJob' && one.onExitCodes?.values.includes(78));
  rule(fails, 'Invalid settings (exit code 78) must end the Job.');
  rule(job.metadata.name.length <= 63, 'The name of the Job is too long.');

  // What selects the pods.
  rule(same(deployment.spec.selector.matchLabels, service.spec.selector), 'The Service must select the pods of the Deployment.');
  const selectors = [
    ['Deployment', deployment.spec.selector.matchLabels], ['Service', service.spec.selector], ['PodDisruptionBudget', budget.spec.selector.matchLabels],
    ...(pod.spec.topologySpreadConstraints ?? []).map(one => ['topologySpreadConstraint', one.labelSelector.matchLabels]),
  ];
  for (const [kind, selector] of selectors) {
    rule(Object.keys(selector ?? {}).length > 0 && selects(selector, pod.labels), `The ${kind} must select the pods of the service.`);
    rule(!selects(selector, migration.labels), `The ${kind} must not select the pod of the migration.`);
  }
  const keys = (pod.spec.topologySpreadConstraints ?? []).map(one => one.topologyKey);
  rule(['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].every(key => keys.includes(key)), 'The pods must spread over nodes and zones.');
  rule(budget.spec.maxUnavailable >= 1, 'The PodDisruptionBudget must allow to drain a node.');
  for (const port of service.spec.ports) rule(ports[port.targetPort], `The Service's port ${port.targetPort} is no port of the container.`);
  const target = scaler?.spec.scaleTargetRef;
  rule(!scaler || (target.kind === 'Deployment' && target.apiVersion === deployment.apiVersion && target.name === deployment.metadata.name), 'The autoscaler must scale the Deployment.');

  for (const ingress of all('Ingress')) {
    const hosts = ingress.spec.rules.map(one => one.host);
    rule(same(ingress.spec.tls?.flatMap(one => one.hosts), hosts) && ingress.spec.tls.every(one => one.secretName), 'The Ingress must have TLS for each host.');
    for (const { backend } of ingress.spec.rules.flatMap(one => one.http.paths))
      rule(backend.service.name === service.metadata.name && backend.service.port.name === 'http', 'The Ingress must lead to the port "http" of the Service.');
  }
  for (const { spec } of all('ServiceMonitor')) {
    rule(selects(spec.selector.matchLabels, service.metadata.labels) && Object.keys(spec.selector.matchLabels).length > 0, 'The ServiceMonitor must select the Service.');
    rule(spec.endpoints.every(one => one.port === 'metrics') && service.spec.ports.some(one => one.name === 'metrics'), 'The ServiceMonitor must read the port "metrics".');
    rule(service.metadata.labels[spec.jobLabel] === 'orion', 'The alerts need job="orion".');
  }

  // The network.
  const policies = all('NetworkPolicy');
  for (const { owner, labels } of policies.length > 0 ? pods : []) {
    const policy = policies.filter(one => Object.keys(one.spec.podSelector.matchLabels ?? {}).length > 0 && selects(one.spec.podSelector.matchLabels, labels));
    rule(policy.length === 1, `One NetworkPolicy must select the pods of the ${owner.kind}.`);
    if (policy.length !== 1) continue;
    const { policyTypes, ingress = [], egress = [] } = policy[0].spec;
    rule(same(policyTypes, ['Ingress', 'Egress']), `The NetworkPolicy of the ${owner.kind} must limit both directions.`);
    for (const { peers, ports: open } of [...ingress.map(one => ({ peers: one.from, ports: one.ports })), ...egress.map(one => ({ peers: one.to, ports: one.ports }))]) {
      rule(peers?.length > 0 && peers.every(peer => Object.keys(peer).length > 0), 'A rule of a NetworkPolicy without peers allows all.');
      rule(open?.length > 0 && open.every(one => one.port), 'A rule of a NetworkPolicy without ports allows all.');
    }
    for (const port of ingress.flatMap(one => one.ports ?? [])) rule(ports[port.port], `The NetworkPolicy's port ${port.port} is no port of the container.`);
    rule(['UDP', 'TCP'].every(protocol => egress.some(one => one.ports?.some(port => port.port === 53 && port.protocol === protocol))), `The ${owner.kind} must reach DNS.`);
    rule(egress.some(one => one.ports?.some(port => port.port === 5432)), `The ${owner.kind} must reach PostgreSQL.`);
    rule((owner.kind === 'Job') === (ingress.length === 0), 'Only the service accepts connections.');
  }

  return found;
}
