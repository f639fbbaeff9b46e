#!/usr/bin/env bash
# Starts a server for tests/deploy.sh: a container with systemd as its first process. Prints the path of the file for ssh -F, in which the
# server has the name orion-deploy-test. Exit code 3 if there is no Docker engine.
#
#   tests/deploy/host.sh FOLDER      FOLDER is for the key and the ssh configuration. To stop it: docker rm --force orion-deploy-test
set -euo pipefail
folder=${1:?usage: tests/deploy/host.sh FOLDER}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=orion-deploy-test

command -v docker >/dev/null && timeout 5 docker version >/dev/null 2>&1 || exit 3
{
  # With the host's network, the build can download Debian packages even if container networks have no external access.
  docker build --network host --tag $name --file "$here/host.Dockerfile" "$here"
  docker rm --force $name 2>/dev/null || true
  # systemd needs write access to its cgroups, and the sandbox of the units needs to mount file systems.
  docker run --detach --name $name --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --cgroupns host --volume /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /run/lock --tmpfs /tmp \
    --publish 127.0.0.1::22 $name
  [[ -s $folder/key ]] || ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
  for _ in $(seq 60); do
    docker exec $name systemctl is-active --quiet ssh 2>/dev/null && break
    sleep .5
  done
  docker exec --interactive $name sh -c 'umask 077; mkdir -p /root/.ssh && cat >/root/.ssh/authorized_keys' <"$folder/key.pub"
  cat >"$folder/ssh_config" <<CONFIG
Host $name
  HostName 127.0.0.1
  Port $(docker port $name 22 | sed 's/.*://' | head -n 1)
  User root
  IdentityFile $folder/key
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
CONFIG
  ssh -F "$folder/ssh_config" $name systemctl is-system-running --wait || true
} >&2
echo "$folder/ssh_config"
