#!/usr/bin/env bash
# Tests the image as the pods of deploy/kubernetes/orion.yaml run it: any user ID with group 0, a read-only root file system, no
# capabilities, Secrets that are mounted as links; and a volume with an fsGroup. Prints TAP and a summary. Exit code 3 if there is no Docker
# engine, or if it cannot download the images. Needs a build of the solution, and the packages that tests/kubernetes/run.sh installs.
#
# The image has the second stage of the Dockerfile, and an app that was published here, because building it takes minutes.
# Most functions are called by check, which shellcheck does not detect.
# shellcheck disable=SC2317
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# shellcheck source=tests/tap.sh
source tests/tap.sh
image=orion-kubernetes-test
postgres=${ORION_TEST_POSTGRES_IMAGE:-$(sed -n 's/^ *image: \(postgres:.*\)/\1/p' docker-compose.yml)}
account=123456:0 group=4321
folder=$(mktemp -d)

end() {
  docker rm --force --volumes "$image-db" "$image-pod" "$image-volume"
  docker network rm "$image"
  docker volume rm "$image-secret" "$image-migration" "$image-env" "$image-data"
  rm -rf "$folder"
} >/dev/null 2>&1
trap end EXIT

command -v docker >/dev/null && timeout 5 docker version >/dev/null 2>&1 || exit 3
for base in "$(sed -n 's/^FROM \(.*aspnet.*\)/\1/p' Dockerfile)" "$postgres"; do
  docker image inspect "$base" >/dev/null 2>&1 || docker pull --quiet "$base" >/dev/null || exit 3
done

builds() {
  for project in Cli Api; do
    dotnet publish "src/Orion.$project" --no-build --configuration Debug --nologo -v quiet --output "$folder/app" /p:UseAppHost=false || return 1
  done
  cp -r --parents LICENSE THIRD-PARTY-NOTICES.txt deploy/container "$folder" &&
    sed -n '/^FROM .*aspnet/,$ { s/^COPY --from=build \/app/COPY app/; p }' Dockerfile >"$folder/Dockerfile" &&
    docker build --quiet --tag "$image" "$folder"
}
check 'the image can be built' builds

# in_volume VOLUME COMMAND: runs a command as root, in the folder /volume.
in_volume() { docker run --rm --interactive --user 0 --network none --volume "$1:/volume" --workdir /volume --entrypoint sh "$image" -euc "$2"; }

# mount_secret VOLUME MODE: creates a Secret as the kubelet does, from the lines NAME=VALUE of the standard input.
mount_secret() {
  # shellcheck disable=SC2016
  in_volume "$1" 'chmod 1777 . && mkdir ..2026_11_27 && ln -s ..2026_11_27 ..data
    while IFS= read -r line; do printf %s "${line#*=}" >..data/"${line%%=*}"; chmod '"$2"' ..data/"${line%%=*}"; ln -s ..data/"${line%%=*}" "${line%%=*}"; done'
}

# The environment of a pod in the manifests, in the format of docker run --env-file. AUTHORIZED_USER_EMAIL in them is a placeholder.
environment_of() {
  # shellcheck disable=SC2016
  node --input-type=module -e '
    import { readFileSync } from "node:fs";
    import { parseAllDocuments } from "yaml";
    const objects = parseAllDocuments(readFileSync("../../deploy/kubernetes/orion.yaml", "utf8")).map(one => one.toJS());
    const { spec } = objects.find(one => one?.kind === process.argv[1]).spec.template;
    for (const { name, value } of spec.containers[0].env) console.log(`${name}=${value.replace("you@example.com", "owner@example.com")}`);' "$1"
}
for kind in Deployment Job; do (cd tests/kubernetes && environment_of $kind) >"$folder/$kind" || exit 1; done

has_database() {
  docker network create --internal "$image"
  docker run --detach --name "$image-db" --network "$image" --env POSTGRES_PASSWORD=superuser "$postgres"
  until_true 60 docker exec "$image-db" pg_isready --quiet --host 127.0.0.1 --username postgres || return 1
  # The roles of docs/operations.md.
  awk '/^## Two roles/ { section = 1 } section && /^```$/ { exit } sql { print } section && /^```sql/ { sql = 1 }' docs/operations.md |
    sed "s/'…'/'password'/" |
    docker exec --interactive --env PGPASSWORD=superuser "$image-db" psql --quiet --host 127.0.0.1 --username postgres --set ON_ERROR_STOP=1
}
check 'a database with two roles is available' has_database

address() { echo "postgresql://$1:password@$image-db:5432/orion_core?sslmode=disable"; }
secrets_are_mounted() {
  mount_secret "$image-secret" 644 <<<"ORION_SHARED_JWT_SECRET=$(openssl rand -hex 64)
DATABASE_URL=$(address orion)
REDIS_URL=redis://redis:6379" && mount_secret "$image-migration" 644 <<<"MIGRATION_DATABASE_URL=$(address orion_owner)"
}
check 'the Secrets are mounted' secrets_are_mounted

restrictions=(--user "$account" --read-only --tmpfs /tmp:size=64m --cap-drop ALL --security-opt no-new-privileges --memory 512m)
pod=("${restrictions[@]}" --network "$image" --volume "$image-secret:/run/secrets/orion:ro")
starts() { docker run --detach --name "$image-pod" "${pod[@]}" --env-file "$folder/Deployment" "$image"; }
check 'the service starts' starts

# responds PATH STATUS
responds() {
  # shellcheck disable=SC2016
  until_true 60 docker exec "$image-pod" bash -c '
    exec 3<>/dev/tcp/127.0.0.1/3002 && printf "GET $0 HTTP/1.1\r\nHost: orion\r\nConnection: close\r\n\r\n" >&3 &&
      read -r _ status _ <&3 && echo "$status" && [[ $status == "$1" ]]' "$1" "$2" || { docker logs "$image-pod"; return 1; }
}
check 'it is alive before the migration' responds /health/live 200
check '… and not ready' responds /health/ready 503
migrates() {
  docker run --rm "${pod[@]}" --volume "$image-migration:/run/secrets/orion-migration:ro" --env-file "$folder/Job" --entrypoint orion "$image" migrate
}
check 'the Job migrates with its own role' migrates
check 'the service is ready then' responds /health/ready 200
# Exit code 1 means warnings: the network between the containers has no TLS.
doctor_passes() { docker exec "$1" orion doctor || [[ $? -eq 1 ]]; }
check 'the doctor finds no fault' doctor_passes "$image-pod"
check 'the deployment passes orion verify' docker exec "$image-pod" orion verify http://127.0.0.1:3002
stops() { docker stop --time 25 "$image-pod" && [[ $(docker inspect --format '{{.State.ExitCode}}' "$image-pod") == 0 ]]; }
check 'the service stops when it is asked to' stops

# A single instance with SQLite in a volume, and all settings in a .env.
check 'a Secret contains a .env' mount_secret "$image-env" 440 <<E
.env=ORION_SHARED_JWT_SECRET=$(openssl rand -hex 64)
E
# shellcheck disable=SC2016
check '… that only the group of the volume can read' in_volume "$image-env" 'printf "\nDATABASE_URL=sqlite:orion.db\nJWT_ISSUER=https://chat.example.com\nAUTHORIZED_USER_EMAIL=owner@example.com\nALLOWED_ORIGINS=\n" >>.env
  chgrp -R '"$group"' . && chmod g+s . ..data'
# The kubelet opens a volume with an fsGroup to this group, each time that it mounts the volume.
mounts() { in_volume "$image-data" 'chgrp -R '"$group"' . && find . -type d -exec chmod ug+rwx,g+s {} + && find . -type f -exec chmod ug+rw {} +'; }
keeps_data() {
  docker rm --force "$image-volume" >/dev/null 2>&1
  docker run --detach --name "$image-volume" "${restrictions[@]}" --group-add "$group" --network none --volume "$image-env:/run/secrets/orion:ro" \
    --volume "$image-data:/data" --env ORION_ENV_FILE=/run/secrets/orion/.env "$image"
  until_true 60 docker exec "$image-volume" orion-healthy || { docker logs "$image-volume"; return 1; }
  doctor_passes "$image-volume" && docker exec "$image-volume" orion users list
}
check 'a volume has the mode of a new ext4 file system' in_volume "$image-data" 'chown 0:0 . && chmod 755 . && mkdir -m 700 lost+found'
for mount in first second; do
  check "a volume with an fsGroup is mounted: the $mount time" mounts
  check '… and the service starts' keeps_data
done

finish
status=$?
echo "$passed passed, $failed failed, 0 skipped"
exit "$status"
