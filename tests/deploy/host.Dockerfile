# A bare server for tests/deploy.sh: systemd as its first process, sshd, a PostgreSQL of its own, and nothing of .NET.
FROM debian:12
RUN apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      systemd systemd-sysv dbus openssh-server sudo procps postgresql && rm -rf /var/lib/apt/lists/*
ENV container=docker
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
